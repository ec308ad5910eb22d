import { fail, ok, type Result } from '@hamn/core';
import { type Limit, type Outcome, timedOut } from '../limit.ts';
import type { Parts } from '../parts.ts';
import { findPostmaster } from '../process/postmaster.ts';
import { booleanField, textField } from '../session/fields.ts';
import type { Row, Session } from '../session/session.ts';
import { portFailure, type SessionFailure } from '../session/session-failure.ts';

/** How long one try to open a session may take while a server starts. */
const tryMs = 1000;

/** Whether the local server is in recovery, by a session that need not exist yet. */
export async function askInRecovery(
  session: Session,
  limitMs: number,
): Promise<Result<boolean, SessionFailure>> {
  const asked = await session.query('SELECT pg_is_in_recovery() AS it', limitMs);
  return asked.ok ? ok(booleanField(asked.value[0], 'it') ?? false) : asked;
}

/** One row of one short statement in the kept session. `what` begins the sentence of a failure. */
export async function askOne(parts: Parts, what: string, text: string, limit: Limit): Promise<Outcome<Row>> {
  let asked = await parts.commander.query(text, limit.leftMs());
  // The kept session may have broken unseen since the last use.
  if (!asked.ok && asked.error.code === 'broken' && !limit.over())
    asked = await parts.commander.query(text, limit.leftMs());
  if (!asked.ok) return portFailure(what, asked.error);
  return ok(asked.value[0] ?? {});
}

/** One statement in a session of its own, for what may take long. */
export async function runAlone(
  parts: Parts,
  what: string,
  text: string,
  limit: Limit,
): Promise<Outcome<Row>> {
  const session = parts.localSession(`-c statement_timeout=${limit.leftMs()}`);
  try {
    const asked = await session.query(text, limit.leftMs());
    return asked.ok ? ok(asked.value[0] ?? {}) : portFailure(what, asked.error);
  } finally {
    session.close();
  }
}

/**
 * Waits until the server takes a session; true when it is in recovery. `gaveUp` is asked between the tries whether it is still worth waiting.
 * Refused and rejected sessions are part of a start; an unanswered or denied one ends the wait.
 */
export async function waitUntilReady(
  parts: Parts,
  limit: Limit,
  gaveUp: () => Promise<Outcome<undefined>>,
): Promise<Outcome<boolean>> {
  let last = 'it has not answered yet';
  for (;;) {
    const session = parts.localSession();
    const asked = await askInRecovery(session, Math.min(tryMs, limit.leftMs()));
    session.close();
    if (asked.ok) return asked;
    if (asked.error.code === 'denied')
      return portFailure('PostgreSQL runs but does not let hamn in', asked.error);
    last = asked.error.message;
    const worth = await gaveUp();
    if (!worth.ok) return worth;
    if (limit.over())
      return timedOut(`PostgreSQL (${parts.options.unit}) did not accept sessions (${last})`, limit);
    await limit.pause(10);
  }
}

/** The local server's role, for actions that need one: fails with `down`, `sql` or `timeout`. */
export async function askRole(
  parts: Parts,
  what: string,
  limit: Limit,
): Promise<Outcome<'primary' | 'standby'>> {
  if ((await findPostmaster(parts.options.dataDirectory)) === undefined)
    return fail('down', `${what}: PostgreSQL does not run on this node.`);
  const row = await askOne(parts, what, 'SELECT pg_is_in_recovery() AS it', limit);
  if (!row.ok) return row;
  return ok(booleanField(row.value, 'it') === true ? 'standby' : 'primary');
}

export const lsnText = (row: Row, name: string): string => textField(row, name) ?? '';
