import { done, fail, type GroupSettings, type GuardPlan, type GuardView, type Intention } from '@hamn/core';
import { expect, it, vi } from 'vitest';
import type { GuardPort } from '../ports/guard.ts';
import { PlanKeeper } from './guard-plan.ts';

const settings = (...units: readonly string[]): GroupSettings =>
  ({
    group: 'mn',
    vips: [],
    resources: units.map((unit) => ({ name: unit, runs: 'primary', what: { kind: 'unit', unit } })),
  }) as unknown as GroupSettings;

const guard = (state: GuardView['state']): GuardView => ({ state, record: undefined, lastAct: undefined });
const start = { kind: 'resource.act', name: 'x', act: 'start', onTerm: true } as Intention;
const stop = { kind: 'resource.act', name: 'x', act: 'stop', onTerm: false } as Intention;

/** What the guard was given, and who answers how. */
function keeper(answer: () => ReturnType<GuardPort['plan']> = () => Promise.resolve(done)) {
  const plans: string[] = [];
  const plan = (given: GuardPlan): ReturnType<GuardPort['plan']> => {
    plans.push(given.units.join(' '));
    return answer();
  };
  const onKnown = vi.fn();
  return { plans, onKnown, keeper: new PlanKeeper({ guard: { plan } as unknown as GuardPort }, onKnown) };
}

it('lets nothing start that the guard has not heard of, and stops at any time', async () => {
  const { plans, onKnown, keeper: plan } = keeper();
  const first = settings('a.service');
  expect([plan.allows(start, first), plan.allows(stop, first)]).toEqual([false, true]);
  plan.offer(first, undefined);
  expect(plans).toEqual([]);
  plan.offer(first, guard('armed'));
  expect(plan.allows(start, first)).toBe(false);
  await vi.waitFor(() => expect(onKnown).toHaveBeenCalledOnce());
  expect(plan.allows(start, first)).toBe(true);
  const second = settings('b.service');
  expect(plan.allows(start, second)).toBe(false);
  plan.offer(second, guard('armed'));
  await vi.waitFor(() => expect(plan.allows(start, second)).toBe(true));
  expect(plans).toEqual(['a.service', 'b.service']);
});

it('tells what was left out while the role could run once the node is harmless', async () => {
  const { plans, onKnown, keeper: plan } = keeper();
  const own = settings('a.service');
  plan.offer(own, guard('armed'));
  await vi.waitFor(() => expect(onKnown).toHaveBeenCalledOnce());
  plan.offer(own, guard('armed'));
  plan.offer(own, guard('acting'));
  expect(plans).toHaveLength(1);
  plan.offer(own, guard('harmless'));
  plan.offer(own, guard('harmless'));
  expect(plans).toEqual(['a.service', 'a.service']);
  await vi.waitFor(() => expect(plan.allows(start, own)).toBe(true));
  plan.offer(own, guard('harmless'));
  expect(plans).toHaveLength(2);
});

it('offers again what was refused, or not heard', async () => {
  let answer: ReturnType<GuardPort['plan']> = Promise.resolve(fail('silent', 'No answer within 500 ms.'));
  const { plans, keeper: plan } = keeper(() => answer);
  const own = settings('a.service');
  plan.offer(own, guard('armed'));
  await answer;
  await vi.waitFor(() => {
    plan.offer(own, guard('armed'));
    expect(plans.length).toBeGreaterThan(1);
  });
  expect(plan.allows(start, own)).toBe(false);
  answer = Promise.resolve(done);
  await vi.waitFor(() => {
    plan.offer(own, guard('armed'));
    expect(plan.allows(start, own)).toBe(true);
  });
});
