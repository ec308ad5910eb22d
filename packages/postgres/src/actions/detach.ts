import { fail, type Lsn, lsn, ok } from '@hamn/core';
import type { Limit, Outcome } from '../limit.ts';
import type { Parts } from '../parts.ts';
import { signal } from '../process/postmaster.ts';
import { lsnField, numberField, textField } from '../session/fields.ts';
import { askOne, askRole } from './ask.ts';
import { follow } from './follow.ts';

/**
 * See PostgresPort.detach. What is certain when (PostgreSQL 13 to 17, xlogrecovery.c; in 13 and 14 xlog.c):
 *
 * - `follow` ends when a new session has the empty primary_conninfo: the startup process, which alone has WAL receivers started, then has its signal pending.
 * - RecoveryRetrieveRetryInterval is what the startup process waits in when it has found no further WAL in pg_wal or an archive and no receiver streams. It has ended its receiver
 *   before, and reads its settings before it looks for WAL again. So once it is *seen there after the first*, and no receiver is to be seen, none can come any more.
 * - It is there only when all local WAL was replayed: after a start that is the only thing that tells how far the WAL goes.
 * - The position is asked for after that: one that is read in the same statement may be older than the end of the receiver, which flushes and reports until then.
 *
 * WAL that an archive adds later is no harm: nobody's commit is acknowledged by it.
 */
export async function detach(parts: Parts, limit: Limit): Promise<Outcome<Lsn>> {
  const what = 'The standby cannot be cut off from its primary';
  const role = await askRole(parts, what, limit);
  if (!role.ok) return role;
  if (role.value === 'primary') return fail('not-standby', `${what}: this server is a primary.`);
  const told = await follow(parts, undefined, limit.part(0.5));
  if (!told.ok) return told;
  const quiet = await receivesNothing(parts, limit);
  if (!quiet.ok) return quiet;
  const row = await askOne(
    parts,
    'The position of the WAL cannot be told',
    'SELECT pg_last_wal_receive_lsn()::text AS received, pg_last_wal_replay_lsn()::text AS replayed',
    limit,
  );
  if (!row.ok) return row;
  const received = lsnField(row.value, 'received') ?? lsn(0n);
  const replayed = lsnField(row.value, 'replayed');
  if (replayed === undefined)
    return fail('not-proven', 'The position of the WAL cannot be told: nothing was replayed yet.');
  return ok(received > replayed ? received : replayed);
}

/** A receiver ends by itself when the startup process looks for WAL. That may be busy replaying for long: then the receiver is told to end. */
const receiverPatience = 0.1;

async function receivesNothing(parts: Parts, limit: Limit): Promise<Outcome<undefined>> {
  const patience = limit.part(receiverPatience);
  let why: string | undefined;
  for (;;) {
    const row = await askOne(
      parts,
      'The processes of the standby could not be listed',
      `SELECT (SELECT max(wait_event) FROM pg_stat_activity WHERE backend_type = 'startup') AS startup,
        (SELECT max(pid) FROM pg_stat_activity WHERE backend_type = 'walreceiver') AS receiver,
        (SELECT max(pid) FROM pg_stat_wal_receiver) AS streaming`,
      limit,
    );
    // The limit may end within a question: what the last one showed is what the admin can do something about.
    if (!row.ok) return row.error.code === 'timeout' && why !== undefined ? fail('not-proven', why) : row;
    const startup = textField(row.value, 'startup');
    const receiver = numberField(row.value, 'receiver') ?? numberField(row.value, 'streaming');
    if (receiver === undefined && startup === 'RecoveryRetrieveRetryInterval') return ok(undefined);
    why = whyNot(receiver, startup);
    if (limit.over()) return fail('not-proven', why);
    if (receiver !== undefined && patience.over()) signal(receiver, 'SIGTERM');
    await limit.pause(5);
  }
}

function whyNot(receiver: number | undefined, startup: string | undefined): string {
  if (receiver !== undefined)
    return `The WAL receiver (process ${receiver}) does not end, so it cannot be told how far this standby is.`;
  return startup === 'RecoveryPause'
    ? 'Replay is paused on this standby, so it cannot be told how far its WAL goes. Run: SELECT pg_wal_replay_resume();'
    : `Not all of the local WAL has been replayed${startup === undefined ? '' : ` (${startup})`}, so it cannot be told how far it goes.`;
}
