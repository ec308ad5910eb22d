import { request } from 'node:https';
import { loadText } from '../../../connect/node-file.ts';
import { broken, doubtful, type Finding, well } from '../finding.ts';
import type { Patient } from '../patient.ts';

const limitMs = 3000;

/** Every endpoint by itself: a client that tries them in turn would hide a dead one. */
export async function checkEtcd({ file, cluster }: Patient): Promise<readonly Finding[]> {
  const [ca, cert, key] = await Promise.all([file.tls.ca, file.tls.cert, file.tls.key].map(loadText));
  // Files that are missing are told by the check of certificates.
  if (!ca?.ok || !cert?.ok || !key?.ok) return [];
  const tls = { ca: ca.value, cert: cert.value, key: key.value };
  const { endpoints } = file.etcd;
  const asked = await Promise.all(endpoints.map((endpoint) => ask(endpoint, tls)));
  const slowMs = cluster?.timings.requestMs ?? 500;
  const findings = asked.map((answer, index) => describe(endpoints[index] ?? '', answer, slowMs));
  const alive = asked.filter((answer) => answer.ok).length;
  if (alive === 0)
    return [
      ...findings,
      broken(
        'No endpoint of etcd can be used.',
        'Without etcd no term can be taken; the present one is carried by promises alone.',
        'systemctl status etcd on the nodes; `journalctl -u etcd` says why.',
      ),
    ];
  if (endpoints.length < 3)
    return [
      ...findings,
      doubtful(
        `The node file names ${endpoints.length} endpoint${endpoints.length === 1 ? '' : 's'} of etcd.`,
        'With the machine behind it gone, this node does not know where else to ask.',
        'Name the endpoints of all members under etcd.endpoints.',
      ),
    ];
  return findings;
}

type Asked = { readonly ok: true; readonly ms: number } | { readonly ok: false; readonly reason: string };

interface Tls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** GET /health of etcd's client port (etcd's documentation, "Monitoring"). */
function ask(endpoint: string, tls: Tls): Promise<Asked> {
  const begun = performance.now();
  return new Promise((resolve) => {
    let outgoing: ReturnType<typeof request>;
    try {
      outgoing = request(`${endpoint}/health`, {
        ...tls,
        agent: false,
        signal: AbortSignal.timeout(limitMs),
      });
    } catch (error) {
      // Bad PEM texts throw at once.
      resolve({ ok: false, reason: error instanceof Error ? error.message : String(error) });
      return;
    }
    outgoing.on('error', (error) =>
      resolve({
        ok: false,
        reason: error.name === 'TimeoutError' ? `no answer within ${limitMs} ms` : error.message,
      }),
    );
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', (error) => resolve({ ok: false, reason: error.message }));
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const healthy = incoming.statusCode === 200 && /"health"\s*:\s*"?true/.test(text);
        resolve(
          healthy
            ? { ok: true, ms: Math.round(performance.now() - begun) }
            : { ok: false, reason: `it says that it is not well: ${text.trim().slice(0, 200)}` },
        );
      });
    });
    outgoing.end();
  });
}

function describe(endpoint: string, answer: Asked, slowMs: number): Finding {
  if (!answer.ok)
    return doubtful(
      `etcd cannot be used at ${endpoint}: ${answer.reason}.`,
      'With one member fewer the next fault may stop etcd.',
      'On that machine: systemctl status etcd; certificates and addresses must fit.',
    );
  if (answer.ms > slowMs)
    return doubtful(
      `etcd at ${endpoint} took ${answer.ms} ms; a request may take ${slowMs} ms.`,
      'Renewals that are late cost the term.',
      'Put etcd’s data on a faster disk, or choose a more patient profile.',
    );
  return well(`etcd at ${endpoint} is well (${answer.ms} ms).`);
}
