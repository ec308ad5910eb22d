import { ok } from '@hamn/core';
import { type Limit, type Outcome, timedOut } from '../limit.ts';
import type { Parts } from '../parts.ts';
import { findPostmaster, signal } from '../process/postmaster.ts';
import { textField } from '../session/fields.ts';
import { portFailure } from '../session/session-failure.ts';

/** What a new session saw after a reload. */
export interface Reloaded {
  /** The server's clock in that session: every process had been told to read the files again before this instant. */
  readonly seenAt: string;
  readonly synchronousCommit: string;
}

/** Asks the postmaster to read its files again. False when there is none. */
export async function requestReload(parts: Parts): Promise<boolean> {
  const postmaster = await findPostmaster(parts.options.dataDirectory);
  return postmaster !== undefined && signal(postmaster.pid, 'SIGHUP');
}

/**
 * Reloads, and waits until a *new* session has the value. A backend inherits the postmaster's settings when it is forked, and the postmaster signals all its
 * children right after reading the files and before it forks again (postmaster.c, reload handler): so when a new session has the
 * new value, every older process has the signal pending and reads the files before its next command.
 */
export async function reloadAndSee(
  parts: Parts,
  expected: { readonly name: string; readonly value: string },
  limit: Limit,
): Promise<Outcome<Reloaded>> {
  await requestReload(parts);
  for (;;) {
    const session = parts.localSession();
    const asked = await session.query(
      `SELECT current_setting('${expected.name}') AS value, current_setting('synchronous_commit') AS synchronous_commit, clock_timestamp()::text AS seen`,
      limit.leftMs(),
    );
    session.close();
    if (!asked.ok) return portFailure(`The new ${expected.name} could not be seen in effect`, asked.error);
    const [row] = asked.value;
    if (textField(row, 'value') === expected.value)
      return ok({
        seenAt: textField(row, 'seen') ?? '',
        synchronousCommit: textField(row, 'synchronous_commit') ?? 'on',
      });
    if (limit.over()) return timedOut(await whyNotSeen(parts, expected.name), limit);
    await limit.pause(5);
  }
}

/** PostgreSQL takes nothing of a reload when any file has an error: pg_file_settings names the place. */
async function whyNotSeen(parts: Parts, name: string): Promise<string> {
  const asked = await parts.commander.query(
    'SELECT sourcefile, sourceline, error FROM pg_file_settings WHERE error IS NOT NULL ORDER BY seqno LIMIT 1',
    500,
  );
  const row = asked.ok ? asked.value[0] : undefined;
  const error = textField(row, 'error');
  const place =
    error === undefined
      ? ''
      : ` (error in ${textField(row, 'sourcefile') ?? 'a file'} line ${row?.['sourceline'] ?? '?'}: ${error})`;
  return `PostgreSQL did not take the new ${name}${place}`;
}
