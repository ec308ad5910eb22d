import { type Analysis, analyse, type Span } from '../client/analyse.ts';
import type { LogRecord } from '../client/log.ts';
import type { Cluster } from './cluster.ts';
import type { Machines } from './machines.ts';
import { idsOn } from './recorder.ts';

/** Who is who when a fault begins. */
export interface Cast {
  readonly primary: string;
  readonly standby: string;
  readonly witness: string;
}

/** Waits until the cluster is healthy. @throws Error when it is not within the limit */
export async function castOf(cluster: Cluster<Machines>, limitMs: number): Promise<Cast> {
  const status = await cluster.healthy(limitMs);
  const { data, witness = '' } = cluster.options;
  const primary = status.primary?.node ?? '';
  const standby = data.find((node) => node !== primary) ?? '';
  return { primary, standby, witness };
}

/** What the clients' records and the tables of a healthy cluster say together. */
export async function analyseRun(
  cluster: Cluster<Machines>,
  records: readonly LogRecord[],
  known: { readonly window?: Span; readonly still?: ReadonlyMap<string, readonly Span[]> },
): Promise<Analysis> {
  const now = await castOf(cluster, 120_000);
  const finalRows = await idsOn(cluster.lab, now.primary);
  if (finalRows === undefined) throw new Error(`The rows cannot be read from ${now.primary}.`);
  const standbyRows = await idsOn(cluster.lab, now.standby);
  // The standby was read later and may be ahead: only what both should have is compared.
  const sent = new Set(records.flatMap((record) => (record.event === 'row' ? [record.id] : [])));
  const otherRows = new Map(
    standbyRows === undefined
      ? []
      : [[now.standby, new Set([...standbyRows].filter((id) => sent.has(id)))] as const],
  );
  return analyse({ records, finalRows, otherRows, ...known });
}
