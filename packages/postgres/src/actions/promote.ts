import { fail, type Lsn, ok, type TimelineId } from '@hamn/core';
import { type Permit, termOver } from '@hamn/engine';
import { readSwitchLsn, timelineOfWalFile } from '../files/timeline.ts';
import { type Limit, type Outcome, timedOut } from '../limit.ts';
import type { Parts } from '../parts.ts';
import { booleanField, textField } from '../session/fields.ts';
import { askOne } from './ask.ts';

export interface Promoted {
  readonly timeline: TimelineId;
  readonly switchLsn: Lsn;
}

/**
 * See PostgresPort.promote. pg_promote(true) looks every 100 ms only, so it is asked not to wait, and the state is looked at every 5 ms. A server that is a
 * primary already is a success.
 */
export async function promote(parts: Parts, limit: Limit, permit: Permit): Promise<Outcome<Promoted>> {
  const what = 'The promotion failed';
  // After it the kept session is open, so that the order itself leaves within the turn in which the term is asked.
  const open = await askOne(parts, what, 'SELECT 1 AS it', limit);
  if (!open.ok) return open;
  if (!permit()) return termOver('the promotion began');
  const asked = await askOne(
    parts,
    what,
    'SELECT CASE WHEN pg_is_in_recovery() THEN pg_promote(false) ELSE true END AS it',
    limit,
  );
  if (!asked.ok) return asked;
  if (booleanField(asked.value, 'it') !== true)
    return fail('sql', 'The promotion failed: PostgreSQL could not signal its postmaster; see its log.');
  for (;;) {
    const row = await askOne(
      parts,
      what,
      'SELECT CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_walfile_name(pg_current_wal_lsn()) END AS wal_file',
      limit,
    );
    if (!row.ok) return row;
    const timeline = timelineOfWalFile(textField(row.value, 'wal_file') ?? '');
    if (timeline !== undefined) {
      const switchLsn = await readSwitchLsn(parts.options.dataDirectory, timeline);
      return switchLsn.ok ? ok({ timeline, switchLsn: switchLsn.value }) : switchLsn;
    }
    if (limit.over()) return timedOut('PostgreSQL did not end its recovery after it was told to', limit);
    await limit.pause(5);
  }
}
