import type { GuardAct, GuardPlan, Instant } from '@hamn/core';
import { bootClock } from '@hamn/linux';
import { harmlessRound, type Left, type RoundDeps } from './round.ts';

/** How long to rest between two rounds, by how long the act has lasted: killed processes are gone within milliseconds, or they are stuck. */
const restMs = (lastedMs: number): number => (lastedMs < 300 ? 3 : lastedMs < 3000 ? 20 : 100);

/** Processes and addresses come first: within this time nothing is begun beside them. Storage that keeps a process from dying is unmounted after it. */
const processesMs = 200;

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
  const { unmounter } = deps;
  let reports = 0;
  for (;;) {
    const plan = options.plan();
    const left = await oneRound(plan, deps);
    const tookMs = bootClock.now() - at;
    const act = outcome(options.reason, at, tookMs, inWords(left, unmounter.said));
    if (act.verified) {
      unmounter.end();
      return act;
    }
    const mounted = left.mounted?.map(({ target }) => target) ?? [];
    const areProcessesDone = left.running.length === 0 || tookMs >= processesMs;
    if (plan !== undefined && mounted.length > 0 && areProcessesDone) unmounter.ask(plan, mounted);
    if (tookMs >= (reports + 1) * options.limitMs) {
      reports = Math.floor(tookMs / options.limitMs);
      options.onUnverified(act);
    }
    if (options.giveUp()) return act;
    await new Promise((resolve) => setTimeout(resolve, restMs(tookMs)));
  }
}

async function oneRound(plan: GuardPlan | undefined, deps: RoundDeps): Promise<Left> {
  if (plan === undefined)
    return { running: ['everything: nobody has told the guard what to stop'], mounted: [] };
  try {
    return await harmlessRound(plan, deps);
  } catch (error) {
    return { running: [`a round that failed: ${String(error)}`], mounted: [] };
  }
}

function inWords({ running, mounted }: Left, said: string): readonly string[] {
  if (mounted === undefined) return [...running, 'whatever is mounted: /proc/1/mountinfo cannot be read'];
  const words = said === '' ? '' : `, which cannot be unmounted: ${said}`;
  return [...running, ...mounted.map(({ source, target }) => `${source} on ${target}${words}`)];
}

const outcome = (reason: string, at: Instant, tookMs: number, left: readonly string[]): GuardAct => ({
  reason: left.length === 0 ? reason : `${reason} Still there: ${left.join('; ')}.`,
  at,
  tookMs,
  verified: left.length === 0,
});
