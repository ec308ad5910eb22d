import { fail, type Lsn, ok } from '@hamn/core';
import type { Upstream } from '@hamn/engine';
import type { JobKind } from '../files/job-marker.ts';
import { timelineOfWalFile } from '../files/timeline.ts';
import { type Limit, type Outcome, reasonOf } from '../limit.ts';
import type { Parts } from '../parts.ts';
import { type Account, asAccount } from '../process/account.ts';
import { saysNoSpace } from '../process/free-space.ts';
import { findPostmaster, killServerProcesses } from '../process/postmaster.ts';
import { lastLines, runTool, type ToolOutput } from '../process/run-tool.ts';
import { booleanField, lsnField, numberField, textField } from '../session/fields.ts';
import type { Row, Session } from '../session/session.ts';
import { hbaRemedy, portFailure } from '../session/session-failure.ts';
import { withoutProgress } from './copy-progress.ts';
import { stop } from './stop.ts';

/** What a rewind or clone needs to know of its source. */
export interface Source {
  readonly systemId: string;
  readonly bytes: number;
  readonly version: number;
  readonly otherTablespaces: readonly string[];
  /** The timeline that it writes, and that one's history file. */
  readonly timeline: number;
  readonly history: string;
  /** From where its slot for this node keeps WAL; undefined when that one has lost it. */
  readonly keptFrom: Lsn | undefined;
}

/**
 * Asks the source, which must be a primary, and has it write a checkpoint: pg_rewind compares by the timeline in pg_control, which after a promotion is the old
 * one until then (PostgreSQL documentation, pg_rewind, "Warnings").
 */
export async function prepareSource(
  parts: Parts,
  upstream: Upstream,
  slot: string,
  limit: Limit,
): Promise<Outcome<Source>> {
  const what = `The source ${upstream.node} cannot be used`;
  const session = parts.upstreamSession(upstream);
  try {
    const asked = await session.query(
      `SELECT pg_is_in_recovery() AS in_recovery, (SELECT system_identifier::text FROM pg_control_system()) AS system_id,
        (SELECT sum(pg_tablespace_size(oid))::text FROM pg_tablespace) AS bytes, current_setting('server_version_num')::int AS version,
        (SELECT json_agg(spcname) FROM pg_tablespace WHERE spcname NOT IN ('pg_default', 'pg_global')) AS tablespaces`,
      limit.leftMs(),
    );
    if (!asked.ok) return portFailure(what, asked.error);
    const [row] = asked.value;
    if (booleanField(row, 'in_recovery') !== false)
      return fail('not-primary', `${what}: it is no primary now. Try again after the role has moved.`);
    const checkpoint = await session.query('CHECKPOINT', limit.leftMs());
    if (!checkpoint.ok) return portFailure(`${what}: its checkpoint failed`, checkpoint.error);
    const lineage = await askLineage(session, upstream, limit);
    if (!lineage.ok) return lineage;
    // From here on the source keeps the WAL that this node will need.
    const kept = await session.query(
      `SELECT pg_create_physical_replication_slot('${slot}', true) WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '${slot}')`,
      limit.leftMs(),
    );
    if (!kept.ok) return portFailure(`${what}: its replication slot ${slot} cannot be made`, kept.error);
    const from = await session.query(
      `SELECT restart_lsn::text AS it FROM pg_replication_slots WHERE slot_name = '${slot}'`,
      limit.leftMs(),
    );
    if (!from.ok) return portFailure(`${what}: its replication slot ${slot} cannot be seen`, from.error);
    return ok({ ...readSource(row), ...lineage.value, keptFrom: lsnField(from.value[0], 'it') });
  } finally {
    session.close();
  }
}

/** After the checkpoint pg_control must show the timeline that is written: a rewind goes by it. */
async function askLineage(
  session: Session,
  upstream: Upstream,
  limit: Limit,
): Promise<Outcome<Pick<Source, 'timeline' | 'history'>>> {
  const what = `The timeline of ${upstream.node} cannot be told`;
  const asked = await session.query(
    `SELECT timeline_id AS timeline, pg_walfile_name(pg_current_wal_flush_lsn()) AS wal_file,
      pg_read_file('pg_wal/' || lpad(upper(to_hex(timeline_id)), 8, '0') || '.history', 0, 1000000, true) AS history
      FROM pg_control_checkpoint()`,
    limit.leftMs(),
  );
  if (!asked.ok) return portFailure(what, asked.error);
  const [row] = asked.value;
  const timeline = numberField(row, 'timeline');
  if (timeline === undefined || timeline !== timelineOfWalFile(textField(row, 'wal_file') ?? ''))
    return fail(
      'not-primary',
      `${what}: its last checkpoint is on timeline ${timeline ?? '?'}, and it writes ${textField(row, 'wal_file') ?? 'nothing'}. The next try asks for another checkpoint.`,
    );
  return ok({ timeline, history: textField(row, 'history') ?? '' });
}

function readSource(row: Row | undefined): Omit<Source, 'timeline' | 'history' | 'keptFrom'> {
  const spaces = row?.['tablespaces'];
  const version = row?.['version'];
  return {
    systemId: textField(row, 'system_id') ?? '',
    bytes: Number(textField(row, 'bytes') ?? 0),
    version: typeof version === 'number' ? version : 0,
    otherTablespaces: Array.isArray(spaces) ? spaces.map(String) : [],
  };
}

/** Ends what an earlier hamnd or server still does in the directory. A primary is never stopped here. */
export async function clearTheWay(parts: Parts, kind: JobKind, limit: Limit): Promise<Outcome<Account>> {
  const account = await parts.configuration.account();
  if (!account.ok) return account;
  const passfile = await parts.configuration.preparePassfile();
  if (!passfile.ok) return passfile;
  await parts.marker.killLeftover();
  const { dataDirectory } = parts.options;
  if ((await findPostmaster(dataDirectory)) !== undefined) {
    const asked = await parts.commander.query(
      'SELECT pg_is_in_recovery() AS it',
      Math.min(2000, limit.leftMs()),
    );
    if (asked.ok && booleanField(asked.value[0], 'it') !== true)
      return fail(
        'unit-failed',
        `PostgreSQL runs as a primary on this node; it must be stopped before a ${kind}.`,
      );
    const fast = await stop(parts, 'fast', limit.part(0.1));
    if (!fast.ok) await stop(parts, 'immediate', limit.part(0.1));
  }
  if (!(await killServerProcesses(dataDirectory, limit.part(0.1))))
    return fail(
      'timeout',
      `Processes of PostgreSQL in ${dataDirectory} cannot be killed; their storage may hang.`,
    );
  return account;
}

/** Runs one of PostgreSQL's programs as its user, with this job's marker naming the process. */
export async function runJobTool(
  parts: Parts,
  kind: JobKind,
  account: Account,
  command: readonly string[],
  limit: Limit,
  heard: (output: string) => void = () => undefined,
): Promise<Outcome<ToolOutput>> {
  const ran = await runTool({
    command: asAccount(account, command),
    timeoutMs: limit.leftMs(),
    started: (pid) => parts.marker.write(kind, parts.clock.wallMs(), pid),
    heard: (text) => parts.progress.hear(text),
  });
  if (!ran.ok) return fail(ran.error.code === 'timeout' ? 'timeout' : 'tool-failed', ran.error.message);
  const { code, stdout } = ran.value;
  const stderr = withoutProgress(ran.value.stderr);
  if (code === 0) return ok(ran.value);
  heard(`${stdout}\n${stderr}`);
  const said = lastLines(`${stdout}\n${stderr}`);
  if (saysNoSpace(said))
    return fail('no-space', `The ${kind} found the disk full: ${said}. Free some space.`);
  const remedy = hbaRemedy(`${stdout}\n${stderr}`, parts.options.user);
  return fail('tool-failed', `The ${kind} failed: ${remedy ?? said}`);
}

/** Runs a clone or rewind, whose progress is shown meanwhile, and turns what the file system throws into a result. */
export async function asJob<T>(
  parts: Parts,
  kind: JobKind,
  upstream: Upstream,
  work: () => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  parts.progress.begin(kind, upstream.node);
  try {
    return await work();
  } catch (error) {
    const reason = reasonOf(error);
    return fail(saysNoSpace(reason) ? 'no-space' : 'files', `The ${kind} failed: ${reason}.`);
  } finally {
    parts.progress.end();
  }
}
