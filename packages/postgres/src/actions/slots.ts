import { type NodeId, ok } from '@hamn/core';
import type { Limit, Outcome } from '../limit.ts';
import { slotName } from '../options.ts';
import type { Parts } from '../parts.ts';
import { booleanField, rowsField, textField } from '../session/fields.ts';
import { askOne } from './ask.ts';

/**
 * See PostgresPort.ensureSlots. A slot reserves its WAL at once (from the last checkpoint on), so that a standby that is a little behind at a failover finds what it lacks;
 * max_slot_wal_keep_size in hamn.conf bounds it. A slot whose WAL is gone is made anew. A foreign slot in use is left until its user is gone.
 */
export async function ensureSlots(
  parts: Parts,
  nodes: readonly NodeId[],
  limit: Limit,
): Promise<Outcome<undefined>> {
  const listed = await askOne(
    parts,
    'The replication slots cannot be listed',
    "SELECT json_agg(json_build_object('name', slot_name, 'active', active, 'lost', wal_status = 'lost')) AS slots " +
      "FROM pg_replication_slots WHERE slot_type = 'physical' AND slot_name LIKE 'hamn\\_%'",
    limit,
  );
  if (!listed.ok) return listed;
  const wanted = new Set(nodes.map(slotName));
  const present = new Set<string>();
  for (const slot of rowsField(listed.value, 'slots')) {
    const name = textField(slot, 'name') ?? '';
    const useless = !wanted.has(name) || booleanField(slot, 'lost') === true;
    if (!useless || booleanField(slot, 'active') === true) present.add(name);
    else {
      const dropped = await drop(parts, name, limit);
      if (!dropped.ok) return dropped;
    }
  }
  for (const name of wanted) {
    if (present.has(name)) continue;
    const text = `SELECT pg_create_physical_replication_slot('${name}', true)`;
    const made = await askOne(parts, `The replication slot ${name} cannot be created`, text, limit);
    if (!made.ok) return made;
  }
  return ok(undefined);
}

/** Only while nobody uses it: between the look and the act its standby may have come back. */
async function drop(parts: Parts, name: string, limit: Limit): Promise<Outcome<undefined>> {
  const text = `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '${name}' AND NOT active`;
  const dropped = await askOne(parts, `The replication slot ${name} cannot be dropped`, text, limit);
  return dropped.ok || dropped.error.message.includes('is active') ? ok(undefined) : dropped;
}
