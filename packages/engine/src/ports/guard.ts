import type { FencingToken, GuardAct, GuardPlan, GuardView, Instant, Nonce, Result } from '@hamn/core';

/** `silent`: no answer within the limit. The others are the guard's own refusals; `refused`: an order that it cannot carry out or record. */
export type GuardFailure = 'silent' | 'expired' | 'wrong-token' | 'not-harmless' | 'no-plan' | 'refused';

export interface ArmOrder {
  readonly token: FencingToken;
  readonly nonce: Nonce;
  readonly deadline: Instant;
  readonly termMs: number;
  readonly plan: GuardPlan;
}

/** hamn-guard, the process that acts when hamnd cannot. */
export interface GuardPort {
  /** `told`: the notes up to this instant have been told; it forgets them. */
  observe(timeoutMs: number, told?: Instant): Promise<Result<GuardView, GuardFailure>>;
  /** Takes a higher token only while verified harmless. */
  arm(order: ArmOrder, timeoutMs: number): Promise<Result<undefined, GuardFailure>>;
  /** Only the armed token, and only before its present deadline. */
  extend(token: FencingToken, deadline: Instant, timeoutMs: number): Promise<Result<undefined, GuardFailure>>;
  /** Replaces the plan (while armed it only grows: what the new one lacks stays in it), or sets the plan of a harmless node. */
  plan(plan: GuardPlan, timeoutMs: number): Promise<Result<undefined, GuardFailure>>;
  /** Makes the node harmless now, and verifies it. Needs no token: stopping never needs permission. */
  demote(reason: string, timeoutMs: number): Promise<Result<GuardAct, GuardFailure>>;
  /** The same act done by hamnd itself, for when the guard is silent. */
  demoteWithoutGuard(plan: GuardPlan, reason: string, timeoutMs: number): Promise<GuardAct>;
  /** Called when the guard acted by itself or its connection was lost. */
  watch(onChange: () => void): void;
}
