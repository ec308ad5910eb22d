import { fail, ok } from '@hamn/core';
import { type NamesList, placeIn } from '../files/synchronous-names.ts';
import type { Limit, Outcome } from '../limit.ts';
import type { Parts } from '../parts.ts';
import { numberField, rowsField, textField, textsField } from '../session/fields.ts';
import type { Session } from '../session/session.ts';
import { askOne, runAlone } from './ask.ts';

/**
 * The proof that every commit from now on waits for the names just reloaded. Who decides about waiting (PostgreSQL 13 to 17, syncrep.c):
 *
 * - Whether a commit waits at all is a flag in shared memory that the *checkpointer* publishes when it handles its SIGHUP
 *   (UpdateSharedMemoryConfig). A backend looks at the flag in SyncRepWaitForLSN, after it has flushed its commit record.
 *   -> `flagIsPublished`
 * - When a waiting commit is released is decided by each *WAL sender* with its own copy of the names, taken when it handles its SIGHUP. It
 *   then shows its place in the list as sync_priority. A WAL sender that is not in its list releases nobody.
 *   -> `sendersAgree`, with a list in which every name has changed its place
 * - A *backend* that is in the middle of a command may hold what it read before (its own copy of the setting in releases before the fix of 2020; a flag just read in all). Before
 *   its next command it handles the signal. -> `oldCommandsEnded`
 *
 * A commit that read the flag before it was published had flushed its record before, so it lies below the flushed LSN taken after the proof
 * (PostgresPort.currentLsn): a standby that has flushed that LSN has it. Commits with synchronous_commit off or local never wait.
 */
export async function proveWaiting(
  parts: Parts,
  names: NamesList,
  seenAt: string,
  limit: Limit,
): Promise<Outcome<undefined>> {
  const senders = await sendersAgree(parts, names, limit);
  if (!senders.ok) return senders;
  const flag = await flagIsPublished(parts, limit);
  if (!flag.ok) return flag;
  return oldCommandsEnded(parts, seenAt, limit);
}

/** Waits until each connected WAL sender shows its place in `names`; those not named show 0. An absent standby releases nobody. */
export async function sendersAgree(
  parts: Parts,
  names: NamesList,
  limit: Limit,
): Promise<Outcome<undefined>> {
  let wrong: string | undefined;
  for (;;) {
    const row = await askOne(
      parts,
      'The WAL senders could not be asked',
      "SELECT json_agg(json_build_object('name', application_name, 'place', sync_priority)) AS senders FROM pg_stat_replication WHERE state <> 'backup'",
      limit,
    );
    if (!row.ok)
      return wrong === undefined ? row : fail('not-proven', `It is not proven that commits wait: ${wrong}.`);
    wrong = disagreement(rowsField(row.value, 'senders'), names);
    if (wrong === undefined) return ok(undefined);
    if (limit.over()) return fail('not-proven', `It is not proven that commits wait: ${wrong}.`);
    await limit.pause(5);
  }
}

/** Two senders of one name could be counted for two standbys: also a disagreement. */
function disagreement(
  senders: readonly Readonly<Record<string, unknown>>[],
  names: NamesList,
): string | undefined {
  const seen = new Set<string>();
  for (const sender of senders) {
    const name = (textField(sender, 'name') ?? '').toLowerCase();
    const place = placeIn(names, name);
    if (numberField(sender, 'place') !== place)
      return `the WAL sender for ${name} has not read the new names yet`;
    if (place > 0 && seen.has(name)) return `two WAL senders serve a standby called ${name}`;
    seen.add(name);
  }
  return undefined;
}

/**
 * First the checkpointer is seen at rest (waiting in its main loop, or between two writes of a checkpoint) after it was signalled: it is then not in the middle of publishing
 * what an older file said, and whatever it reads from now on is the new file. After that a commit of our own that is *seen waiting* proves that the flag is set, and it stays set.
 * A standby can answer faster than a look, so there are many tries; two checkpoints prove the same by themselves.
 */
async function flagIsPublished(parts: Parts, limit: Limit): Promise<Outcome<undefined>> {
  const resting = await checkpointerRests(parts, limit);
  if (!resting.ok) return resting;
  const tries = limit.part(0.5);
  while (!tries.over()) {
    const seen = await commitSeenWaiting(parts, tries);
    if (!seen.ok || seen.value) return seen.ok ? ok(undefined) : seen;
  }
  return publishedByCheckpoints(parts, limit);
}

async function checkpointerRests(parts: Parts, limit: Limit): Promise<Outcome<undefined>> {
  for (;;) {
    const row = await askOne(
      parts,
      'The checkpointer could not be asked',
      "SELECT wait_event FROM pg_stat_activity WHERE backend_type = 'checkpointer'",
      limit,
    );
    if (!row.ok) return row;
    const event = textField(row.value, 'wait_event');
    if (event !== undefined && /^(CheckpointerMain|CheckpointWriteDelay)$/i.test(event)) return ok(undefined);
    if (limit.over())
      return fail('not-proven', 'It is not proven that commits wait: the checkpointer is busy writing.');
    await limit.pause(5);
  }
}

const commitsEachTry = 50;

/** Tiny commits in a session of their own, watched from another one. The message in the WAL is a few bytes long and read by nobody. */
async function commitSeenWaiting(parts: Parts, limit: Limit): Promise<Outcome<boolean>> {
  const probe = parts.localSession('-c synchronous_commit=on');
  try {
    const self = await probe.query('SELECT pg_backend_pid() AS pid', limit.leftMs());
    const pid = self.ok ? numberField(self.value[0], 'pid') : undefined;
    if (pid === undefined)
      return fail('not-proven', 'It is not proven that commits wait: no session could be opened.');
    for (let round = 0; round < commitsEachTry && !limit.over(); round += 1) {
      const seen = await oneCommit(parts, probe, pid, limit);
      if (!seen.ok || seen.value) return seen;
    }
    return ok(false);
  } finally {
    probe.close();
  }
}

async function oneCommit(parts: Parts, probe: Session, pid: number, limit: Limit): Promise<Outcome<boolean>> {
  const commit = { pending: true, problem: '' };
  const ended = probe
    .query("SELECT pg_logical_emit_message(true, 'hamn', '')", limit.leftMs())
    .then((result) => {
      commit.pending = false;
      commit.problem = result.ok ? '' : result.error.message;
    });
  for (let look = 0; commit.pending && !limit.over(); look += 1) {
    const text = `SELECT wait_event FROM pg_stat_activity WHERE pid = ${pid}`;
    const row = await askOne(parts, 'The waiting commit could not be seen', text, limit);
    const waits = row.ok && textField(row.value, 'wait_event') === 'SyncRep';
    if (waits) await endWait(parts, pid);
    if (!row.ok || waits) return row.ok ? ok(true) : row;
    if (look > 20) await limit.pause(2);
  }
  if (commit.pending) await endWait(parts, pid);
  else await ended;
  if (commit.problem === '' || limit.over()) return ok(false);
  return fail('not-proven', `It is not proven that commits wait: a probe failed: ${commit.problem}.`);
}

/** The probe may wait for a standby that is away; nobody is told of its commit, so its wait can be ended. */
async function endWait(parts: Parts, pid: number): Promise<void> {
  await parts.commander.query(`SELECT pg_cancel_backend(${pid})`, 500);
}

/**
 * The checkpointer handles a pending reload at the top of its loop, before it begins a requested checkpoint. The first one may have been begun in a round that passed
 * that place just before the signal came; the second one cannot. Also right on a standby, where a checkpoint is a restart point.
 */
export async function publishedByCheckpoints(parts: Parts, limit: Limit): Promise<Outcome<undefined>> {
  for (let round = 0; round < 2; round += 1) {
    const written = await runAlone(
      parts,
      'It is not proven that commits wait: a checkpoint failed',
      'CHECKPOINT',
      limit,
    );
    if (!written.ok) return fail('not-proven', written.error.message);
  }
  return ok(undefined);
}

/** Waits until no client's backend runs a command that it began before `seenAt`. One that waits for a standby does what is asked of it. */
async function oldCommandsEnded(parts: Parts, seenAt: string, limit: Limit): Promise<Outcome<undefined>> {
  let old: readonly string[] = [];
  for (;;) {
    const row = await askOne(
      parts,
      'The running commands could not be listed',
      `SELECT json_agg(format('process %s (%s, since %s)', pid, usename, query_start)) AS old FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
          AND wait_event IS DISTINCT FROM 'SyncRep'
          AND (state = 'disabled' OR (state IN ('active', 'fastpath function call') AND query_start < '${seenAt}'::timestamptz))`,
      limit,
    );
    if (!row.ok && old.length === 0) return row;
    if (row.ok) old = textsField(row.value, 'old');
    if (old.length === 0) return ok(undefined);
    if (!row.ok || limit.over())
      return fail(
        'not-proven',
        `It is not proven that commits wait: a command begun under the old setting still runs in ${old.slice(0, 3).join(', ')}. Wait for it or end it with pg_terminate_backend().`,
      );
    await limit.pause(10);
  }
}
