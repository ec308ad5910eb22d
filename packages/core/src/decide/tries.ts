import type { Instant } from '../brands.ts';

/** What dies or fails again and again is tried with growing pauses: from `firstMs`, doubled with each try beyond the bound, up to half a minute. */
export const growingPauseMs = (firstMs: number, triesBeyond: number): number =>
  Math.min(30_000, firstMs * 2 ** Math.min(10, Math.max(0, triesBeyond)));

export const recent = (
  times: readonly Instant[] | undefined,
  now: Instant,
  windowMs: number,
): readonly Instant[] => (times ?? []).filter((time) => time > now - windowMs);
