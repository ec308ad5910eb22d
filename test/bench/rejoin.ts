import { monotonicMs } from '../client/log.ts';
import { type Cluster, castOf, type Recorder, waitFor } from '../cluster/index.ts';

/** One way back of a node whose database is large. Seconds, as an admin would stop them. */
export interface RejoinResult {
  readonly way: 'rewind' | 'clone';
  /** The database directory of the primary before it began. */
  readonly gigabytes: number;
  /** From the healed network (rewind) or the admin's command (clone) until all nodes are healthy. */
  readonly healthy_after_s: number;
  /** By the journal of the node's hamnd. */
  readonly ways_taken: readonly string[];
  /** What `hamnctl pg clone-progress` said meanwhile, a line for each look that said something else. */
  readonly progress: readonly string[];
  /** Of the client's acknowledged writes meanwhile: the node that copies is to disturb nobody. Milliseconds. */
  readonly longest_write_gap_ms: number;
}

const settleMs = 120_000;
const fillMs = 300_000;
const wayMs = 900_000;
const rowsPerGigabyte = 1_400_000;
const lookEveryMs = 2000;

const sql = async (
  { lab }: Cluster,
  node: string,
  statement: string,
  timeoutMs = 30_000,
): Promise<string> => {
  const argv = ['runuser', '-u', 'postgres', '--', 'psql', '-qAtX', '-v', 'ON_ERROR_STOP=1'];
  return (await lab.mustExec(node, argv, { timeoutMs, input: statement })).trim();
};

/** Rows that do not compress, a gigabyte at a time. */
async function fill(cluster: Cluster, node: string, gigabytes: number): Promise<number> {
  await sql(cluster, node, 'drop table if exists ballast; create table ballast (id bigint, wide text)');
  for (let done = 0; done < gigabytes; done += 1)
    await sql(
      cluster,
      node,
      `insert into ballast select i, repeat(md5(i::text), 20) from generate_series(1, ${rowsPerGigabyte}) i; checkpoint`,
      fillMs,
    );
  const bytes = await sql(cluster, node, 'select sum(pg_database_size(oid)) from pg_database');
  return Math.round(Number(bytes) / 1e8) / 10;
}

async function caughtUp(cluster: Cluster, primary: string, standby: string): Promise<void> {
  const lsn = await sql(cluster, primary, 'select pg_current_wal_lsn()');
  const has = await waitFor(fillMs, 500, async () => {
    const said = await sql(cluster, standby, `select pg_last_wal_replay_lsn() >= '${lsn}'`).catch(() => '');
    return said === 't' ? true : undefined;
  });
  if (has === undefined) throw new Error(`${standby} has not replayed ${lsn} after ${fillMs} ms.`);
  await sql(cluster, standby, 'checkpoint', fillMs);
}

async function waysTaken(cluster: Cluster, node: string, fromWallMs: number): Promise<readonly string[]> {
  const since = `@${Math.floor(fromWallMs / 1000)}`;
  const argv = ['journalctl', '-u', 'hamnd', '-o', 'cat', '--since', since];
  const text = await cluster.lab.mustExec(node, argv, { timeoutMs: 60_000 });
  return [...new Set([...text.matchAll(/postgres\.(?:rewind|clone)\.\w+/g)].map(([kind]) => kind))];
}

/** Waits until all is healthy again, and looks at the progress meanwhile. */
async function timed(
  cluster: Cluster,
  recorder: Recorder,
  way: RejoinResult['way'],
  gigabytes: number,
  node: string,
  begin: () => Promise<void>,
): Promise<RejoinResult> {
  const wall = Date.now();
  const from = monotonicMs();
  await begin();
  const progress: string[] = [];
  let isOver = false;
  const look = waitFor(wayMs, lookEveryMs, async () => {
    const argv = ['hamnctl', 'pg', 'clone-progress', node];
    const { stdout } = await cluster.lab.exec(node, argv, { timeoutMs: 10_000 });
    const line = stdout.trim();
    if (/%|bytes|GiB|MiB/.test(line) && line !== progress.at(-1)) progress.push(line);
    return isOver ? true : undefined;
  });
  try {
    await cluster.healthy(wayMs);
  } finally {
    isOver = true;
    await look;
  }
  const until = monotonicMs();
  const acked = recorder.acked(from);
  const gaps = acked.slice(1).map((row, index) => row.doneMs - (acked[index]?.doneMs ?? row.doneMs));
  return {
    way,
    gigabytes,
    healthy_after_s: Math.round((until - from) / 100) / 10,
    ways_taken: await waysTaken(cluster, node, wall),
    progress,
    longest_write_gap_ms: Math.round(Math.max(0, ...gaps)),
  };
}

/** A cut-off primary with writes of its own comes back by a rewind, then an admin has it cloned. @throws Error when a way back does not end */
export async function rejoin(
  cluster: Cluster,
  recorder: Recorder,
  gigabytes: number,
  say: (line: string) => void,
): Promise<readonly RejoinResult[]> {
  const { primary, standby } = await castOf(cluster, settleMs);
  say(`${gigabytes} GB are written on ${primary}`);
  const size = await fill(cluster, primary, gigabytes);
  await caughtUp(cluster, primary, standby);
  say(`${primary} is isolated, and writes what nobody else has`);
  await cluster.lab.isolate(primary);
  await sql(cluster, primary, "insert into ballast values (-1, 'nobody else has it')");
  await recorder.writesSince(monotonicMs(), 50, 60_000);
  const rewound = await timed(cluster, recorder, 'rewind', size, primary, () => cluster.lab.heal(primary));
  say(`${primary} is cloned`);
  const cloned = await timed(cluster, recorder, 'clone', size, primary, async () => {
    const argv = ['hamnctl', 'reinit', primary, '--yes'];
    await cluster.lab.mustExec(standby, argv, { timeoutMs: 60_000 });
    const begun = await waitFor(settleMs, 100, async () => {
      const { stdout } = await cluster.lab.exec(standby, ['hamnctl', 'pg', 'clone-progress', primary]);
      return /^No /.test(stdout) ? undefined : true;
    });
    if (begun === undefined)
      throw new Error(`${primary} has not begun to clone ${settleMs} ms after reinit.`);
  });
  return [rewound, cloned];
}
