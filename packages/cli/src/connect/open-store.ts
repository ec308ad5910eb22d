import { randomUUID } from 'node:crypto';
import type { NodeFile } from '@hamn/config';
import { fail, instant, ok } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';
import type { OpenedStore } from '../app.ts';
import { loadText } from './node-file.ts';

/**
 * Time limits only: this process never holds a term, so its instants are compared with nothing outside it, and the
 * kernel's boot clock need not be loaded.
 */
const clock: ClockPort = {
  now: () => instant(performance.now()),
  wallMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  nonce: () => randomUUID(),
};

/** Opens etcd with this node's certificate. Loaded late: most calls of hamnctl only talk to hamnd. */
export async function openStore(file: NodeFile, group: string): Promise<OpenedStore> {
  const [ca, cert, key] = await Promise.all([file.tls.ca, file.tls.cert, file.tls.key].map(loadText));
  for (const read of [ca, cert, key])
    if (read?.ok === false)
      return fail('files', `${read.error.message} \`hamnctl certs\` makes certificates.`);
  if (!ca?.ok || !cert?.ok || !key?.ok) return fail('files', 'The certificates cannot be read.');
  const { createStore } = await import('@hamn/etcd');
  return ok(
    createStore({
      cluster: file.cluster,
      group,
      endpoints: file.etcd.endpoints,
      tls: { ca: ca.value, cert: cert.value, key: key.value },
      node: file.node,
      address: file.address,
      witnesses: [],
      clock,
    }),
  );
}
