import type { Instant } from '@hamn/core';

export type Cancel = () => void;

/** The one source of time and randomness. The daemon's reads CLOCK_BOOTTIME; the simulator's is virtual. */
export interface ClockPort {
  now(): Instant;
  /** Wall-clock milliseconds since 1970, for people, and for the soaks of service nodes, which outlive a change of the node; nothing else is decided by it. */
  wallMs(): number;
  /** Calls `run` once, not before `delayMs` have passed. */
  after(delayMs: number, run: () => void): Cancel;
  /** A fresh, unique text. */
  nonce(): string;
}
