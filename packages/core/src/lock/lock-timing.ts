import { after, type Instant } from '../brands.ts';

/** How a lock's lease is renewed, and how much of its time is kept for stopping the command. */
export interface LockTiming {
  /** The lease's time in etcd. */
  readonly ttlMs: number;
  readonly renewEveryMs: number;
  /** The longest that one renewal may take. */
  readonly requestMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number;
  /** From SIGKILL to the end of the lease: clocks that run at different speeds, late timers, the kernel's work. */
  readonly marginMs: number;
}

/** A lease that is shorter leaves no time for an election in etcd; one that is longer keeps a dead holder's lock for too long. Seconds. */
export const lockTtlSeconds: { readonly least: number; readonly usual: number; readonly most: number } = {
  least: 5,
  usual: 15,
  most: 3600,
};

/** 15 s: renewed every 2.5 s; after 9.25 s without a renewal SIGTERM, after 13 s SIGKILL, after 15 s the next one may have it. */
export const lockTiming = (ttlSeconds: number): LockTiming => {
  const ttlMs = ttlSeconds * 1000;
  return {
    ttlMs,
    renewEveryMs: Math.min(ttlMs / 6, 10_000),
    requestMs: Math.min(ttlMs / 6, 2000),
    graceMs: Math.min(ttlMs / 4, 10_000),
    marginMs: ttlMs / 10 + 500,
  };
};

/** Until when a command may run under a lock. */
export interface LockDeadline {
  readonly stopAt: Instant;
  readonly killAt: Instant;
}

/** Counts from before the renewal was sent: etcd may have got it at once, and counts from then. */
export const lockDeadline = (sentAt: Instant, { ttlMs, graceMs, marginMs }: LockTiming): LockDeadline => {
  const killAt = after(sentAt, ttlMs - marginMs);
  return { stopAt: after(killAt, -graceMs), killAt };
};
