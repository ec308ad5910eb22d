import type { NodeFile } from '@hamn/config';
import { fail, instant, ok, type Result } from '@hamn/core';
import type { TlsTexts } from '@hamn/etcd';
import type { OpenedLocks, OpenedStore } from '../app.ts';
import { clockOf } from './clock.ts';
import { loadText } from './node-file.ts';

/**
 * Time limits only: this process never holds a term, so its instants are compared with nothing outside it, and the
 * kernel's boot clock need not be loaded.
 */
const clock = clockOf(() => instant(performance.now()));

/** Opens etcd with this node's certificate. Loaded late: most calls of hamnctl only talk to hamnd. */
export async function openStore(file: NodeFile, group: string): Promise<OpenedStore> {
  const tls = await tlsTexts(file);
  if (!tls.ok) return tls;
  const { createStore } = await import('@hamn/etcd');
  return ok(
    createStore({
      cluster: file.cluster,
      group,
      endpoints: file.etcd.endpoints,
      tls: tls.value,
      node: file.node,
      address: file.address,
      witnesses: [],
      clock,
    }),
  );
}

/** The same for locks. */
export async function openLocks(file: NodeFile, group: string): Promise<OpenedLocks> {
  const tls = await tlsTexts(file);
  if (!tls.ok) return tls;
  const [{ createLocks }, { bootClock }] = await Promise.all([
    import('@hamn/etcd'),
    import('./boot-clock.ts'),
  ]);
  const { endpoints } = file.etcd;
  return ok(createLocks({ cluster: file.cluster, group, endpoints, tls: tls.value, clock: bootClock }));
}

async function tlsTexts(file: NodeFile): Promise<Result<TlsTexts, 'files'>> {
  const [ca, cert, key] = await Promise.all([file.tls.ca, file.tls.cert, file.tls.key].map(loadText));
  for (const read of [ca, cert, key])
    if (read?.ok === false)
      return fail('files', `${read.error.message} \`hamnctl certs\` makes certificates.`);
  if (!ca?.ok || !cert?.ok || !key?.ok) return fail('files', 'The certificates cannot be read.');
  return ok({ ca: ca.value, cert: cert.value, key: key.value });
}
