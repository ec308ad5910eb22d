import {
  after,
  between,
  done,
  type Instant,
  type LockValue,
  lockKey,
  lockSchema,
  ok,
  type RawEntry,
  type Result,
  readEntry,
  revision,
} from '@hamn/core';
import type { ClockPort, HeldLock, LockPort, LockTake, SeenLock, StoreFailure } from '@hamn/engine';
import { type GroupOptions, groupDeps } from './group-deps.ts';
import { LeaseCalls } from './lease-calls.ts';
import { listFolder, type ReadDeps, storeFailure } from './reads.ts';

export type LocksOptions = GroupOptions;

/** Locks on etcd 3.4 or later, as keys below `locks/` of the group. Nothing is dialled before the first call. */
export function createLocks(options: LocksOptions): LockPort {
  const { clock } = options;
  const deps = groupDeps(options);
  const { endpoints } = deps;
  const calls = new LeaseCalls(deps);
  return {
    take: (name, value, limitMs) => take(name, value, limitMs, calls, deps),
    renew: (held, limitMs) => renew(held, limitMs, calls, clock),
    release: async ({ lease }, limitMs) => {
      const revoked = await calls.revoke(lease, limitMs);
      return revoked.ok || revoked.error.code === 'not-found' ? done : storeFailure(revoked);
    },
    list: (limitMs) => list(limitMs, deps),
    close: () => endpoints.close(),
  };
}

async function list(limitMs: number, deps: ReadDeps): Promise<Result<readonly SeenLock[], StoreFailure>> {
  const entries = await listFolder('locks/', limitMs, deps);
  return entries.ok
    ? ok([...entries.value].map(([key, entry]) => seen(key.slice('locks/'.length), entry)))
    : entries;
}

function seen(name: string, entry: RawEntry): SeenLock {
  const read = readEntry(entry, lockSchema, lockKey(name));
  return { name, token: entry.mod, value: read.kind === 'present' ? read.value : undefined };
}

async function take(
  name: string,
  value: LockValue,
  limitMs: number,
  calls: LeaseCalls,
  deps: ReadDeps,
): Promise<LockTake> {
  const { clock } = deps;
  const end = after(clock.now(), limitMs);
  // A look first: who waits for long asks often, and would leave a lease each time.
  const before = await look(name, end, deps);
  if (!before.ok) return { kind: 'failed', message: before.error.message };
  if (before.value !== undefined) return { kind: 'held', by: before.value };
  const sentAt = clock.now();
  const lease = await calls.grant(value.ttlSeconds, between(clock.now(), end));
  if (!lease.ok) return { kind: 'failed', message: lease.error.message };
  const { id } = lease.value;
  const put = { key: lockKey(name), value: JSON.stringify(value), lease: id };
  const placed = await calls.put(put, 'if-absent', between(clock.now(), end));
  const held = (token: number): LockTake => ({
    kind: 'taken',
    held: { name, lease: id, token: revision(token), sentAt },
  });
  if (placed.ok && placed.value.succeeded) return held(placed.value.header.revision);
  // Refused, or no answer: then what stands there says whose it is.
  const now = await look(name, end, deps);
  if (now.ok && now.value?.value?.nonce === value.nonce) return held(now.value.token);
  // A put that is still on its way finds no lease after this.
  const revoked = await calls.revoke(id, Math.max(500, between(clock.now(), end)));
  if (placed.ok && now.ok && now.value !== undefined) return { kind: 'held', by: now.value };
  const reasons = [placed.ok ? undefined : placed.error.message, now.ok ? undefined : now.error.message];
  const reason = reasons.find((each) => each !== undefined) ?? 'The lock went while it was asked for.';
  const rest = revoked.ok ? '' : ` If it was taken after all, it is free again after ${value.ttlSeconds} s.`;
  return { kind: 'failed', message: `${reason}${rest}` };
}

async function look(
  name: string,
  end: Instant,
  deps: ReadDeps,
): Promise<Result<SeenLock | undefined, StoreFailure>> {
  const locks = await list(Math.max(1, between(deps.clock.now(), end)), deps);
  return locks.ok ? ok(locks.value.find((lock) => lock.name === name)) : locks;
}

/**
 * A leader of etcd that was deposed and does not know it answers keep-alives as if it still led (etcd #15247). So a transaction follows, which needs a
 * majority; the keep-alive counts only if no election lay between the two.
 */
async function renew(
  held: HeldLock,
  limitMs: number,
  calls: LeaseCalls,
  clock: ClockPort,
): Promise<'kept' | 'lost' | 'unknown'> {
  const end = after(clock.now(), limitMs);
  const kept = await calls.keepAliveIn(held.lease, limitMs);
  if (kept.kind !== 'kept') return kept.kind;
  const check = await calls.holds(
    { key: lockKey(held.name), mod: held.token, lease: held.lease },
    between(clock.now(), end),
  );
  if (!check.ok) return 'unknown';
  if (!check.value.succeeded) return 'lost';
  return check.value.header.raftTerm === kept.raftTerm ? 'kept' : 'unknown';
}
