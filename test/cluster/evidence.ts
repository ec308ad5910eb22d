import { type Analysis, analyse, type Span } from '../client/analyse.ts';
import type { LogRecord } from '../client/log.ts';
import type { Cluster } from './cluster.ts';
import type { Machines } from './machines.ts';
import { idsOn, timedWriter } from './recorder.ts';

/** Who is who when a fault begins. */
export interface Cast {
  readonly primary: string;
  /** The first of the standbys; empty where there is none. */
  readonly standby: string;
  readonly standbys: readonly string[];
  /** Empty where there is none. */
  readonly witness: string;
}

/** Waits until the cluster is healthy. @throws Error when it is not within the limit */
export async function castOf(cluster: Cluster<Machines>, limitMs: number): Promise<Cast> {
  const status = await cluster.healthy(limitMs);
  const { data, witness = '' } = cluster.options;
  const primary = status.primary?.node ?? '';
  const standbys = data.filter((node) => node !== primary);
  return { primary, standby: standbys[0] ?? '', standbys, witness };
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
  const sent = new Set(records.flatMap((record) => (record.event === 'row' ? [record.id] : [])));
  const otherRows = new Map<string, ReadonlySet<number>>();
  for (const standby of now.standbys) {
    const rows = await idsOn(cluster.lab, standby);
    // A standby was read later and may be ahead: only what both should have is compared.
    if (rows !== undefined) otherRows.set(standby, new Set([...rows].filter((id) => sent.has(id))));
  }
  return analyse({ records, finalRows, otherRows, timed: timedWriter, ...known });
}
