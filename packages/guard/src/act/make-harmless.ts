import type { GuardAct, GuardPlan, Instant } from '@hamn/core';
import { bootClock } from '@hamn/linux';
import { harmlessRound, type RoundDeps } from './round.ts';

/** How long to rest between two rounds, by how long the act has lasted: killed processes are gone within milliseconds, or they are stuck. */
const restMs = (lastedMs: number): number => (lastedMs < 300 ? 3 : lastedMs < 3000 ? 20 : 100);

export interface ActOptions {
  readonly reason: string;
  /** The plan is asked for in every round: it may grow meanwhile. Undefined: nobody has said yet what to stop. */
  readonly plan: () => GuardPlan | undefined;
  /** After this an act that is not verified is reported so. */
  readonly limitMs: number;
  /** Told at the limit, and again each time it has passed once more. The rounds go on after it. */
  readonly onUnverified: (act: GuardAct) => void;
  /** Asked after each round; true ends an unverified act. */
  readonly giveUp: () => boolean;
}

/** Rounds until nothing is left. Never throws: a round that fails is a round that left something. */
export async function makeHarmless(options: ActOptions, deps: RoundDeps): Promise<GuardAct> {
  const at = bootClock.now();
  let reports = 0;
  for (;;) {
    const left = await oneRound(options.plan(), deps);
    const tookMs = bootClock.now() - at;
    const act = outcome(options.reason, at, tookMs, left);
    if (act.verified) return act;
    if (tookMs >= (reports + 1) * options.limitMs) {
      reports = Math.floor(tookMs / options.limitMs);
      options.onUnverified(act);
    }
    if (options.giveUp()) return act;
    await new Promise((resolve) => setTimeout(resolve, restMs(tookMs)));
  }
}

async function oneRound(plan: GuardPlan | undefined, deps: RoundDeps): Promise<readonly string[]> {
  if (plan === undefined) return ['everything: nobody has told the guard what to stop'];
  try {
    return await harmlessRound(plan, deps);
  } catch (error) {
    return [`a round that failed: ${String(error)}`];
  }
}

const outcome = (reason: string, at: Instant, tookMs: number, left: readonly string[]): GuardAct => ({
  reason: left.length === 0 ? reason : `${reason} Still there: ${left.join('; ')}.`,
  at,
  tookMs,
  verified: left.length === 0,
});
