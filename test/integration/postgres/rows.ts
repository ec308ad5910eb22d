import { waitFor } from '../../cluster/index.ts';
import type { Ground } from './ground.ts';

/** Count and checksum over every row of a table, as one node's own server has it. */
export const sumOf = (ground: Ground, node: string, table: string): Promise<string> =>
  ground.sql(
    node,
    `select count(*) || ' ' || coalesce(md5(string_agg(md5(t::text), '' order by md5(t::text))), '') from ${table} t`,
    60_000,
  );

/** Waits until these standbys have replayed all that the primary has written up to now. @throws Error with the one that has not */
export async function caughtUp(
  ground: Ground,
  primary: string,
  standbys: readonly string[],
  limitMs = 30_000,
): Promise<void> {
  const lsn = await ground.sql(primary, 'select pg_current_wal_lsn()');
  for (const standby of standbys) {
    const has = await waitFor(limitMs, 100, async () => {
      const query = `select pg_last_wal_replay_lsn() >= '${lsn}'`;
      const said = await ground.sql(standby, query).catch(() => '');
      return said === 't' ? true : undefined;
    });
    if (has === undefined) throw new Error(`${standby} has not replayed ${lsn} after ${limitMs} ms.`);
  }
}

/** A table with inserts, updates, deletes and wide rows, so that its pages differ from those that a plain copy would have. */
export const makeLedger = (ground: Ground, primary: string, rows: number): Promise<string> =>
  ground.sql(
    primary,
    `drop table if exists ledger;
    create table ledger (id bigint primary key, what text, wide text);
    insert into ledger select i, 'row ' || i, repeat(md5(i::text), 20) from generate_series(1, ${rows}) i;
    update ledger set what = 'changed ' || id where id % 7 = 0;
    delete from ledger where id % 11 = 0;`,
    60_000,
  );

/** The checksums of a table on the primary and on all standbys that have replayed everything. */
export async function sumsEverywhere(ground: Ground, table: string): Promise<ReadonlyMap<string, string>> {
  const { primary, standbys } = await ground.cast();
  await caughtUp(ground, primary, standbys);
  const sums = new Map<string, string>();
  for (const node of [primary, ...standbys]) sums.set(node, await sumOf(ground, node, table));
  return sums;
}
