import { describe, expect, it } from 'vitest';
import { after, type Instant, instant } from '../brands.ts';
import { type LockGuard, newLockGuard, stepLockGuard } from './lock-guard.ts';
import { lockDeadline, lockTiming, lockTtlSeconds } from './lock-timing.ts';

const sent: Instant = instant(1000);
const timing = lockTiming(15);
const first = lockDeadline(sent, timing);
const later = lockDeadline(after(sent, 5000), timing);
const tick = (guard: LockGuard, now: number): LockGuard =>
  stepLockGuard(guard, { kind: 'tick' }, instant(now));

describe('the times of a lock', () => {
  it('count from the sending, and end before the lease does', () => {
    expect(first).toEqual({ stopAt: 1000 + 9250, killAt: 1000 + 13_000 });
  });

  it.each([5, 6, 15, 60, 600, 3600])('leave two renewals that fail before the stop (%i s)', (seconds) => {
    const { ttlMs, renewEveryMs, requestMs, graceMs, marginMs } = lockTiming(seconds);
    expect(2 * (renewEveryMs + requestMs)).toBeLessThan(ttlMs);
    expect(renewEveryMs + 2 * requestMs).toBeLessThanOrEqual(ttlMs - marginMs - graceMs);
    expect(marginMs).toBeGreaterThanOrEqual(ttlMs * 0.1 + 500);
    expect(graceMs).toBeGreaterThan(1000);
  });

  it('name their limits', () => {
    expect(lockTtlSeconds).toEqual({ least: 5, usual: 15, most: 3600 });
  });
});

describe('the guard of a lock', () => {
  it('lets the command run until the time to stop, ends it, and kills it before the lease ends', () => {
    const guard = newLockGuard(first);
    expect(tick(guard, 10_249).phase).toBe('running');
    const ending = tick(guard, 10_250);
    expect(ending).toMatchObject({ phase: 'terminating', why: 'the lock was not renewed in time' });
    expect(tick(ending, 13_999).phase).toBe('terminating');
    expect(tick(ending, 14_000).phase).toBe('killing');
  });

  it('is extended by a renewal, never shortened by a late one', () => {
    const guard = stepLockGuard(newLockGuard(first), { kind: 'extend', deadline: later }, instant(6000));
    expect(guard.deadline).toEqual(later);
    expect(stepLockGuard(guard, { kind: 'extend', deadline: first }, instant(6001)).deadline).toEqual(later);
  });

  it('is not revived by a renewal that comes after its time: frozen, thawed, then the reply', () => {
    const late = stepLockGuard(newLockGuard(first), { kind: 'extend', deadline: later }, instant(10_250));
    expect(late).toMatchObject({ phase: 'terminating', deadline: first });
    const frozen = stepLockGuard(newLockGuard(first), { kind: 'extend', deadline: later }, instant(60_000));
    expect(frozen.phase).toBe('killing');
  });

  it('stops at a word, with the grace but never past the deadline', () => {
    const stop = { kind: 'stop', why: 'somebody said so', graceMs: 3000 } as const;
    const ending = stepLockGuard(newLockGuard(first), stop, instant(2000));
    expect(ending).toEqual({
      phase: 'terminating',
      deadline: { stopAt: 2000, killAt: 5000 },
      why: 'somebody said so',
    });
    expect(stepLockGuard(newLockGuard(first), stop, instant(10_000)).deadline.killAt).toBe(13_000);
    // A second word neither prolongs nor renames it.
    expect(stepLockGuard(ending, { ...stop, why: 'again' }, instant(3000))).toEqual(ending);
  });
});
