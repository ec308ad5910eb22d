import type { SeedFailure, SeedVerdict } from './judge-seed.ts';

export interface Summary {
  readonly seeds: number;
  readonly failures: readonly SeedFailure[];
  readonly virtualMs: number;
  readonly acknowledged: number;
  readonly wallMs: number;
}

export function summaryOf(verdicts: readonly SeedVerdict[], wallMs: number): Summary {
  const failures = verdicts.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  return {
    seeds: verdicts.length,
    failures: failures.sort((a, b) => a.seed - b.seed),
    virtualMs: verdicts.reduce((sum, { virtualMs }) => sum + virtualMs, 0),
    acknowledged: verdicts.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
    wallMs,
  };
}
