import { done, type FencingToken, fail, type GuardAct, type GuardPlan, type Instant } from '@hamn/core';
import type { ArmOrder } from '@hamn/engine';
import { bothOf, checkPlan } from './plan.ts';
import type { GuardState, Refusal, Step } from './state.ts';

/**
 * The rules of the guard. Every one takes the time as an argument and is total.
 * The caller's duty: `tick` first with the same `now`, so that an order never meets a deadline that has passed unnoticed.
 */

/** At its deadline the guard acts by itself. */
export function tick(state: GuardState, now: Instant): Step {
  if (state.phase !== 'armed' || state.record === undefined || now < state.record.deadline)
    return { state, answer: done };
  const late = Math.round(now - state.record.deadline);
  return {
    state: { ...state, phase: 'acting' },
    answer: done,
    act: `The deadline of term ${state.record.token} passed ${late} ms ago without a renewal.`,
  };
}

/** Takes a higher token only while verified harmless. The same order again is a retry whose answer was lost: like an extension. */
export function arm(state: GuardState, order: ArmOrder, now: Instant): Step {
  const { record } = state;
  const checked = checkPlan(order.plan);
  if (!checked.ok) return { state, answer: checked };
  const misdated = wrongDeadline(order.deadline, order.termMs, now);
  if (misdated !== undefined) return { state, answer: misdated };
  const again = record?.token === order.token && record.nonce === order.nonce;
  if (state.phase === 'armed' && again) return extendAndPlan(state, order, now);
  if (state.phase !== 'harmless')
    return refused(
      state,
      'not-harmless',
      `The guard is ${state.phase}${termOf(state)}; it arms only a node that it has verified harmless.`,
    );
  if (record !== undefined && order.token <= record.token)
    return refused(
      state,
      'wrong-token',
      `The guard has already served term ${record.token}; term ${order.token} is not newer, and an ended term never resumes.`,
    );
  const { token, nonce, deadline, termMs, plan } = order;
  return {
    state: { ...state, phase: 'armed', record: { token, nonce, deadline, termMs }, plan },
    answer: done,
  };
}

function extendAndPlan(state: GuardState, order: ArmOrder, now: Instant): Step {
  const planned = changePlan(state, order.plan);
  return planned.answer.ok ? extend(planned.state, order.token, order.deadline, now) : planned;
}

/** Only the armed token, and only before its present deadline, which never moves back. */
export function extend(state: GuardState, token: FencingToken, deadline: Instant, now: Instant): Step {
  const { record } = state;
  if (record?.token !== token)
    return refused(
      state,
      'wrong-token',
      `The guard is ${state.phase}${termOf(state)}; term ${token} cannot be extended.`,
    );
  if (state.phase !== 'armed' || now >= record.deadline)
    return refused(
      state,
      'expired',
      `Term ${token} is over for the guard (it is ${state.phase}); a late renewal never revives a term.`,
    );
  const misdated = wrongDeadline(deadline, record.termMs, now);
  if (misdated !== undefined) return { state, answer: misdated };
  const later = deadline > record.deadline ? deadline : record.deadline;
  return { state: { ...state, record: { ...record, deadline: later } }, answer: done };
}

/** Sets the plan of a harmless node. In every other phase it only grows: what the new one lacks may still be running, and stays in it. */
export function changePlan(state: GuardState, plan: GuardPlan): Step {
  const old = state.phase === 'harmless' ? undefined : state.plan;
  if (old?.dataDirectory !== undefined && old.dataDirectory !== plan.dataDirectory)
    return refused(
      state,
      'not-harmless',
      `The guard is ${state.phase}, and the new plan lacks the data directory ${old.dataDirectory}, in which a server may run.`,
    );
  const next = old === undefined ? plan : bothOf(plan, old);
  const checked = checkPlan(next);
  return checked.ok ? { state: { ...state, plan: next }, answer: done } : { state, answer: checked };
}

/** Acts now, in every phase: stopping never needs permission. */
export function demote(state: GuardState, reason: string): Step {
  if (state.plan === undefined)
    return refused(
      state,
      'no-plan',
      'The guard was never told what to stop on this node, so it cannot make it harmless. Give it a plan first.',
    );
  return { state: { ...state, phase: 'acting' }, answer: done, act: reason };
}

/** The act's outcome; an unverified one is tried on, and may be reported again. */
export const acted = (state: GuardState, act: GuardAct): GuardState => ({
  ...state,
  phase: act.verified ? 'harmless' : 'failed',
  lastAct: act,
});

function wrongDeadline(
  deadline: Instant,
  termMs: number,
  now: Instant,
): ReturnType<typeof fail<Refusal>> | undefined {
  if (!(deadline > now)) return fail('expired', `The deadline passed ${Math.round(now - deadline)} ms ago.`);
  if (deadline > now + termMs)
    return fail(
      'refused',
      `The deadline lies ${Math.round(deadline - now)} ms ahead, beyond a whole term of ${termMs} ms; a term can never last so long.`,
    );
  return undefined;
}

const termOf = (state: GuardState): string =>
  state.record === undefined ? '' : ` for term ${state.record.token}`;

const refused = (state: GuardState, code: Refusal, message: string): Step => ({
  state,
  answer: fail(code, message),
});
