import { fail, formatLsn, ok, type SlotChange } from '@hamn/core';
import type { Limit, Outcome } from '../limit.ts';
import type { Parts } from '../parts.ts';
import { numberField } from '../session/fields.ts';
import { askOne } from './ask.ts';

const tries = 5;
const pauseMs = 50;

/** See PostgresPort.changeSlots. */
export async function changeSlots(
  parts: Parts,
  changes: readonly SlotChange[],
  limit: Limit,
): Promise<Outcome<undefined>> {
  let result: Outcome<undefined> = ok(undefined);
  for (const change of changes) {
    const changed = await changeSlot(parts, change, limit);
    if (!changed.ok && result.ok) result = changed;
  }
  return result;
}

async function changeSlot(parts: Parts, change: SlotChange, limit: Limit): Promise<Outcome<undefined>> {
  // Names come from the configuration and from PostgreSQL's own list.
  if (!/^hamn_[a-z0-9_]+$/.test(change.slot))
    return fail('sql', `${change.slot} is no replication slot of hamn's: it is left alone.`);
  switch (change.do) {
    case 'make':
      return make(parts, change.slot, limit);
    case 'drop':
      return change.inUse ? dropInUse(parts, change.slot, limit) : drop(parts, change.slot, limit);
    case 'renew': {
      const dropped = await drop(parts, change.slot, limit);
      return dropped.ok ? make(parts, change.slot, limit) : dropped;
    }
    case 'advance':
      return advance(parts, change.slot, formatLsn(change.to), limit);
  }
}

const idle = "slot_type = 'physical' AND NOT active";

/** It reserves its WAL at once, from the last checkpoint (restartpoint) on; max_slot_wal_keep_size bounds it. */
async function make(parts: Parts, slot: string, limit: Limit): Promise<Outcome<undefined>> {
  const text =
    `SELECT pg_create_physical_replication_slot('${slot}', true) ` +
    `WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '${slot}')`;
  const made = await askOne(parts, `The replication slot ${slot} cannot be created`, text, limit);
  return made.ok ? ok(undefined) : made;
}

/** Only while nobody uses it: between the look and the act its standby may have come back. */
async function drop(parts: Parts, slot: string, limit: Limit): Promise<Outcome<undefined>> {
  const text = `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '${slot}' AND ${idle}`;
  const dropped = await askOne(parts, `The replication slot ${slot} cannot be dropped`, text, limit);
  return dropped.ok || dropped.error.message.includes('is active') ? ok(undefined) : dropped;
}

/** Whoever streams through it is disconnected, and may be back before the slot is gone: a few tries. */
async function dropInUse(parts: Parts, slot: string, limit: Limit): Promise<Outcome<undefined>> {
  const what = `The replication slot ${slot} cannot be dropped`;
  for (let round = 0; round < tries; round += 1) {
    const text =
      `SELECT count(pg_terminate_backend(active_pid))::int AS users FROM pg_replication_slots ` +
      `WHERE slot_name = '${slot}' AND slot_type = 'physical' AND active`;
    const ended = await askOne(parts, what, text, limit);
    if (!ended.ok) return ended;
    if ((numberField(ended.value, 'users') ?? 0) > 0) await limit.pause(pauseMs);
    const dropped = await drop(parts, slot, limit);
    if (!dropped.ok) return dropped;
    const left = await askOne(
      parts,
      what,
      `SELECT count(*)::int AS here FROM pg_replication_slots WHERE slot_name = '${slot}' AND slot_type = 'physical'`,
      limit,
    );
    if (!left.ok) return left;
    if (numberField(left.value, 'here') === 0) return ok(undefined);
    if (limit.over()) break;
  }
  return fail('sql', `${what}: whoever uses it connects again and again.`);
}

/**
 * Forwards only. PostgreSQL moves it no further than what this server has flushed (a standby: replayed), in every version from 13 on
 * (slotfuncs.c, pg_replication_slot_advance).
 */
async function advance(parts: Parts, slot: string, to: string, limit: Limit): Promise<Outcome<undefined>> {
  const text =
    `SELECT pg_replication_slot_advance(slot_name, '${to}') FROM pg_replication_slots ` +
    `WHERE slot_name = '${slot}' AND ${idle} AND restart_lsn < '${to}'`;
  const moved = await askOne(parts, `The replication slot ${slot} cannot be moved on`, text, limit);
  return moved.ok || moved.error.message.includes('is active') ? ok(undefined) : moved;
}
