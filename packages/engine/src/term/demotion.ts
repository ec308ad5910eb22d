import { type GuardAct, type GuardPlan, instant, marginParts, ok, type Result } from '@hamn/core';
import { withLimit } from '../limit.ts';
import type { Ports } from '../ports/all.ts';

/** How long the node may take to be made harmless. */
const demoteLimitMs = 2000;
/** A guard that has not answered after this is helped: the margin pays for one act within `demotionMs`, not for a long wait before it. */
const guardPatienceMs = marginParts.demotionMs / 2;

export interface DemotionOptions {
  readonly plan: () => GuardPlan;
  readonly onGuardAct: (act: GuardAct) => void;
}

/** Makes this node harmless, by the guard and where it must be by this process. */
export class Demotion {
  readonly #options: DemotionOptions;
  readonly #ports: Ports;
  /** The guard did not answer the last order. */
  isGuardSilent = false;

  constructor(options: DemotionOptions, ports: Ports) {
    this.#options = options;
    this.#ports = ports;
  }

  /** The guard acts, and this process as well when the guard is silent or cannot verify it. Both do the same; whoever can verify it first has the word. */
  async demote(reason: string): Promise<GuardAct> {
    const { clock } = this.#ports;
    const byGuard = this.#askGuard(reason);
    const patienceMs = this.isGuardSilent ? 0 : guardPatienceMs;
    const early = await withLimit(clock, patienceMs, 'hamn-guard', () => byGuard);
    if (early.ok && early.value.verified) return this.#toldByGuard(early.value);
    const why = early.ok ? 'hamn-guard could not verify it.' : early.error.message;
    const own = await this.#demoteHere(reason, why);
    if (own?.verified === true) return this.#told(own);
    const late = await byGuard;
    if (late.ok && late.value.verified) return this.#toldByGuard(late.value);
    return { reason, at: instant(clock.now()), tookMs: demoteLimitMs, verified: false };
  }

  /** Only the guard's own word counts before a release: with a silent guard none is written, and the others wait T. */
  async demoteByGuard(reason: string): Promise<boolean> {
    const act = await this.#askGuard(reason);
    return act.ok && this.#toldByGuard(act.value).verified;
  }

  #askGuard(reason: string): Promise<Result<GuardAct>> {
    const { clock, guard } = this.#ports;
    return withLimit(clock, demoteLimitMs + 100, 'hamn-guard', () => guard.demote(reason, demoteLimitMs));
  }

  async #demoteHere(reason: string, why: string): Promise<GuardAct | undefined> {
    const { clock, guard, journal } = this.#ports;
    const message = `This process makes the node harmless itself: ${why}`;
    journal.write({ event: 'guard.silent', level: 'error', message });
    const own = await withLimit(clock, demoteLimitMs + 100, 'the kernel', async () =>
      ok(await guard.demoteWithoutGuard(this.#options.plan(), reason, demoteLimitMs)),
    );
    return own.ok ? own.value : undefined;
  }

  #toldByGuard(act: GuardAct): GuardAct {
    this.#options.onGuardAct(act);
    return this.#told(act);
  }

  #told(act: GuardAct): GuardAct {
    const verified = act.verified ? 'harmless, verified' : 'NOT verified as harmless';
    const message = `This node was made ${verified} within ${Math.round(act.tookMs)} ms: ${act.reason}`;
    this.#ports.journal.write({ event: 'demoted', level: act.verified ? 'warn' : 'error', message });
    return act;
  }
}
