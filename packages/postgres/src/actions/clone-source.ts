import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, formatLsn, ok, slotName } from '@hamn/core';
import type { Cancel, Upstream } from '@hamn/engine';
import { type Limit, type Outcome, startLimit } from '../limit.ts';
import type { Parts } from '../parts.ts';
import { booleanField, lsnField, numberField, rowField, textField } from '../session/fields.ts';
import type { Row } from '../session/session.ts';
import { portFailure } from '../session/session-failure.ts';
import type { Source } from './job.ts';

/** A clone whose files are read from a standby of the primary: what that one must be before, during and after. */

const waitMs = 500;
/** A standby that changes to another timeline begins to stream anew. */
const settleMs = 5000;
const lookEveryMs = 5000;
const lookMs = 3000;
/** A source that does not stream for so long would leave the copy behind. */
const awayMs = 30_000;

const receiverQuery = `SELECT pg_is_in_recovery() AS in_recovery,
  (SELECT json_build_object('status', status, 'timeline', received_tli) FROM pg_stat_wal_receiver) AS receiver`;

/** Why it is no standby that streams this timeline, a phrase; undefined when it is one. */
function whyNotStreaming(row: Row | undefined, timeline: number): string | undefined {
  if (booleanField(row, 'in_recovery') !== true) return 'it is no standby now';
  const receiver = rowField(row, 'receiver');
  if (textField(receiver, 'status') !== 'streaming') return 'it does not stream';
  const its = numberField(receiver, 'timeline');
  return its === timeline
    ? undefined
    : `it streams timeline ${its ?? '?'}, and the primary writes ${timeline}`;
}

/**
 * The standby must be of the primary's timeline, and have all WAL that the primary does not keep for this node: the copy then ends where the primary's slot begins,
 * or later.
 */
export async function prepareStandby(
  parts: Parts,
  standby: Upstream,
  primary: Source,
  limit: Limit,
): Promise<Outcome<undefined>> {
  const what = `The standby ${standby.node} cannot be cloned from`;
  const { keptFrom, timeline } = primary;
  if (keptFrom === undefined)
    return fail('tool-failed', `${what}: the primary’s slot for this node keeps no WAL.`);
  const slot = slotName(parts.options.node);
  const session = parts.upstreamSession(standby);
  const settling = startLimit(parts.clock, Math.min(settleMs, limit.leftMs()));
  try {
    for (;;) {
      const asked = await session.query(
        `${receiverQuery}, (SELECT system_identifier::text FROM pg_control_system()) AS system_id,
        greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::text AS reached,
        pg_read_file('pg_wal/' || lpad(upper(to_hex(${timeline})), 8, '0') || '.history', 0, 1000000, true) AS history`,
        limit.leftMs(),
      );
      if (!asked.ok) return portFailure(what, asked.error);
      const [row] = asked.value;
      const not = whyNotStreaming(row, timeline);
      if (not !== undefined && !settling.over()) {
        await settling.pause(waitMs);
        continue;
      }
      if (not !== undefined) return fail('not-primary', `${what}: ${not}.`);
      if (textField(row, 'system_id') !== primary.systemId)
        return fail('other-system', `${what}: its database is another one.`);
      if ((textField(row, 'history') ?? '') !== primary.history)
        return fail(
          'not-primary',
          `${what}: its timeline ${timeline} has another history than the primary’s.`,
        );
      const reached = lsnField(row, 'reached');
      if (reached !== undefined && reached >= keptFrom) break;
      if (limit.over())
        return fail(
          'timeout',
          `${what}: it did not reach ${formatLsn(keptFrom)}, from where the primary keeps WAL, within ${Math.round(limit.totalMs)} ms.`,
        );
      await limit.pause(waitMs);
    }
    const kept = await session.query(
      `SELECT pg_create_physical_replication_slot('${slot}', true) WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '${slot}')`,
      limit.leftMs(),
    );
    return kept.ok ? ok(undefined) : portFailure(`${what}: its slot ${slot} cannot be made`, kept.error);
  } finally {
    session.close();
  }
}

/** Looks at the standby while its files are read, and calls `lost` once with a phrase when it has not streamed for too long. */
export function watchStandby(
  parts: Parts,
  standby: Upstream,
  timeline: number,
  lost: (because: string) => void,
): Cancel {
  const { clock } = parts;
  let open = true;
  let well = clock.now();
  let cancel: Cancel = () => undefined;
  const look = async (): Promise<void> => {
    const session = parts.upstreamSession(standby);
    const asked = await session.query(receiverQuery, lookMs);
    session.close();
    if (!open) return;
    const not = asked.ok ? whyNotStreaming(asked.value[0], timeline) : asked.error.message;
    if (not === undefined) well = clock.now();
    else if (clock.now() - well >= awayMs) return lost(not);
    next();
  };
  const next = (): void => {
    cancel = clock.after(lookEveryMs, () => void look());
  };
  next();
  return () => {
    open = false;
    cancel();
  };
}

/** pg_basebackup's own word of what it has copied. */
export async function checkCopy(
  directory: string,
  standby: Upstream,
  primary: Source,
): Promise<Outcome<undefined>> {
  const label = await readFile(join(directory, 'backup_label'), 'utf8').catch(() => '');
  const timeline = /^START TIMELINE: (\d+)$/m.exec(label)?.[1];
  return Number(timeline) === primary.timeline
    ? ok(undefined)
    : fail(
        'tool-failed',
        `The copy of ${standby.node} begins on timeline ${timeline ?? '?'}, and the primary writes ${primary.timeline}.`,
      );
}
