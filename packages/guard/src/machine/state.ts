import type { GuardAct, GuardPlan, GuardRecord, GuardView, Result } from '@hamn/core';
import type { GuardFailure } from '@hamn/engine';

/** All that the guard knows. Values only: the rules in this folder make a new one out of an old one, an order and the time. */
export interface GuardState {
  readonly phase: GuardView['state'];
  /** What it was armed with last in this boot. */
  readonly record: GuardRecord | undefined;
  readonly plan: GuardPlan | undefined;
  readonly lastAct: GuardAct | undefined;
}

export type Refusal = Exclude<GuardFailure, 'silent'>;

export interface Step {
  readonly state: GuardState;
  readonly answer: Result<undefined, Refusal>;
  /** The act must begin now, for this reason. */
  readonly act?: string;
}

export const blank: GuardState = {
  phase: 'harmless',
  record: undefined,
  plan: undefined,
  lastAct: undefined,
};

export const viewOf = (state: GuardState): GuardView => ({
  state: state.phase,
  record: state.record,
  lastAct: state.lastAct,
});
