import {
  fail,
  type GroupView,
  type MaintenanceValue,
  maintenanceKey,
  modOf,
  type NodeId,
  ok,
  presentValue,
  type Result,
  revision,
} from '@hamn/core';
import type { StorePort } from '../ports/store.ts';
import { removeKey, type WriteFailure, writeKey } from './write-key.ts';

/** A maintenance that is under way gets the new reason and end: its admin needs more time. */
export async function placeMaintenance(
  store: StorePort,
  view: GroupView,
  value: MaintenanceValue,
): Promise<Result<string, WriteFailure>> {
  const key = maintenanceKey(value.node);
  const entry = view.maintenance.get(value.node);
  const written = await writeKey(store, key, value, [
    { key, mod: entry === undefined ? revision(0) : modOf(entry) },
  ]);
  if (!written.ok) return written;
  const until = `${new Date(value.untilWallMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  return ok(
    `${value.node} is in maintenance until ${until}: hamn neither starts nor stops PostgreSQL there, and nothing fails over because of it.`,
  );
}

export async function endMaintenance(
  store: StorePort,
  view: GroupView,
  node: NodeId,
): Promise<Result<string, WriteFailure>> {
  const entry = view.maintenance.get(node);
  if (entry === undefined || entry.kind === 'absent')
    return fail('refused', `${node} is not in maintenance.`);
  const removed = await removeKey(store, maintenanceKey(node), entry.mod);
  const by = presentValue(entry)?.by;
  return removed.ok
    ? ok(
        `The maintenance of ${node}${by === undefined ? '' : ` that ${by} began`} is over: hamn looks after PostgreSQL there again.`,
      )
    : removed;
}
