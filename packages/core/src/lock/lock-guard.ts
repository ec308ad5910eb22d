import { after, type Instant } from '../brands.ts';
import type { LockDeadline } from './lock-timing.ts';

/**
 * What stands over a command that runs under a lock. It never goes back: a renewal that comes after the time to stop does not revive, because the command
 * may have been told to end already.
 */
export interface LockGuard {
  readonly phase: 'running' | 'terminating' | 'killing';
  readonly deadline: LockDeadline;
  /** Why it is stopped, half a sentence. */
  readonly why: string | undefined;
}

export type LockGuardEvent =
  | { readonly kind: 'extend'; readonly deadline: LockDeadline }
  | { readonly kind: 'stop'; readonly why: string; readonly graceMs: number }
  | { readonly kind: 'tick' };

export const newLockGuard = (deadline: LockDeadline): LockGuard => ({
  phase: 'running',
  deadline,
  why: undefined,
});

/** Looks at the time first, whatever the event: after a freeze the reply that waited in the socket must not count. */
export function stepLockGuard(before: LockGuard, event: LockGuardEvent, now: Instant): LockGuard {
  const guard = overdue(before, now);
  if (event.kind === 'extend' && guard.phase === 'running')
    return event.deadline.killAt > guard.deadline.killAt ? { ...guard, deadline: event.deadline } : guard;
  if (event.kind === 'stop' && guard.phase === 'running') {
    const killAt = Math.min(guard.deadline.killAt, after(now, event.graceMs)) as Instant;
    return overdue({ phase: 'terminating', deadline: { stopAt: now, killAt }, why: event.why }, now);
  }
  return guard;
}

function overdue(guard: LockGuard, now: Instant): LockGuard {
  const why = guard.why ?? 'the lock was not renewed in time';
  if (guard.phase !== 'killing' && now >= guard.deadline.killAt) return { ...guard, phase: 'killing', why };
  if (guard.phase === 'running' && now >= guard.deadline.stopAt)
    return { ...guard, phase: 'terminating', why };
  return guard;
}
