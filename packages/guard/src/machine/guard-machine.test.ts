import { fencingToken, type GuardPlan, instant, nonce } from '@hamn/core';
import type { ArmOrder } from '@hamn/engine';
import { describe, expect, test } from 'vitest';
import { acted, arm, changePlan, demote, extend, tick } from './guard-machine.ts';
import { blank, type GuardState, type Step } from './state.ts';

const plan: GuardPlan = {
  group: 'mn',
  units: ['postgresql@15-main.service', 'xcatd.service'],
  dataDirectory: '/var/lib/postgresql/15/main',
  vips: [{ address: '10.1.0.223', prefixLength: 24, interface: 'eth0' }],
  mounts: [{ source: '/dev/drbd0', target: '/install' }],
};
const now = instant(10_000);
const at = (ms: number) => instant(10_000 + ms);
const order = (token: number, deadline = at(500), name = 'a'): ArmOrder => ({
  token: fencingToken(token),
  nonce: nonce(name),
  deadline,
  termMs: 1000,
  plan,
});

function granted(step: Step): GuardState {
  expect(step.answer).toMatchObject({ ok: true });
  return step.state;
}
function refusal(step: Step): string {
  if (step.answer.ok) throw new Error('It was granted.');
  return step.answer.error.code;
}
const armed = (token = 7): GuardState => granted(arm(blank, order(token), now));
const harmless = (state: GuardState): GuardState =>
  acted(granted(demote(state, 'The test is over.')), { reason: 'x', at: now, tookMs: 1, verified: true });

describe('arm', () => {
  test('a harmless node is armed, and remembers with what', () => {
    expect(armed()).toMatchObject({
      phase: 'armed',
      record: { token: 7, nonce: 'a', deadline: 10_500 },
      plan,
    });
  });

  test('a higher token only, also after the term', () => {
    const state = harmless(armed(7));
    expect(refusal(arm(state, order(6), now))).toBe('wrong-token');
    expect(refusal(arm(state, order(7), now))).toBe('wrong-token');
    expect(granted(arm(state, order(8), now)).record?.token).toBe(8);
  });

  test('never while another term, an act or a failed act stands', () => {
    expect(refusal(arm(armed(), order(8), now))).toBe('not-harmless');
    const acting = granted(demote(armed(), 'x'));
    expect(refusal(arm(acting, order(8), now))).toBe('not-harmless');
    const failed = acted(acting, { reason: 'x', at: now, tookMs: 1, verified: false });
    expect(failed.phase).toBe('failed');
    expect(refusal(arm(failed, order(8), now))).toBe('not-harmless');
  });

  test('the same order again is a retry; the same token of another attempt is not', () => {
    expect(granted(arm(armed(), order(7, at(700)), at(100))).record?.deadline).toBe(10_700);
    expect(refusal(arm(armed(), order(7, at(700), 'b'), at(100)))).toBe('not-harmless');
  });

  test('the deadline lies ahead, and within one term', () => {
    expect(refusal(arm(blank, order(7, now), now))).toBe('expired');
    expect(refusal(arm(blank, order(7, instant(Number.NaN)), now))).toBe('expired');
    expect(refusal(arm(blank, order(7, at(1001)), now))).toBe('refused');
  });
});

describe('extend', () => {
  test('the armed token before its deadline, which never moves back', () => {
    const longer = granted(extend(armed(), fencingToken(7), at(900), at(400)));
    expect(longer.record?.deadline).toBe(10_900);
    expect(granted(extend(longer, fencingToken(7), at(600), at(450))).record?.deadline).toBe(10_900);
  });

  test('not after its deadline, not for another token, not once over', () => {
    expect(refusal(extend(armed(), fencingToken(7), at(900), at(500)))).toBe('expired');
    expect(refusal(extend(armed(), fencingToken(8), at(900), at(100)))).toBe('wrong-token');
    expect(refusal(extend(blank, fencingToken(7), at(900), at(100)))).toBe('wrong-token');
    expect(refusal(extend(harmless(armed()), fencingToken(7), at(900), at(100)))).toBe('expired');
    expect(refusal(extend(armed(), fencingToken(7), at(5000), at(100)))).toBe('refused');
  });
});

describe('tick', () => {
  test('nothing before the deadline, the act at it, once', () => {
    expect(tick(armed(), at(499.9)).act).toBeUndefined();
    const step = tick(armed(), at(512));
    expect(step).toMatchObject({ state: { phase: 'acting' } });
    expect(step.act).toContain('term 7 passed 12 ms ago');
    expect(tick(step.state, at(600)).act).toBeUndefined();
    expect(tick(blank, at(600)).act).toBeUndefined();
  });
});

describe('plan', () => {
  const smaller: GuardPlan = { ...plan, units: ['postgresql@15-main.service'], vips: [] };
  const mount = { source: '/dev/sdb1', target: '/install' };
  const larger: GuardPlan = { ...plan, units: [...plan.units, 'dhcpd.service'] };

  test('only grows while the role may run', () => {
    expect(granted(changePlan(armed(), larger)).plan).toEqual(larger);
    // What the new one lacks may still run, and what is new in it must not be missing for that.
    const other: GuardPlan = { ...smaller, units: ['dhcpd.service'], mounts: [mount] };
    expect(granted(changePlan(armed(), other)).plan).toEqual({
      ...plan,
      units: ['dhcpd.service', ...plan.units],
      mounts: [mount, ...plan.mounts],
    });
    const twice = granted(changePlan(granted(changePlan(armed(), other)), plan));
    expect(twice.plan?.mounts).toEqual([...plan.mounts, mount]);
    expect(refusal(changePlan(armed(), { ...plan, dataDirectory: '/other' }))).toBe('not-harmless');
    expect(granted(changePlan(harmless(armed()), smaller)).plan).toEqual(smaller);
  });

  test.each([
    ['hamnd.service', 'keeps this node safe'],
    ['system.slice', 'slice'],
    ['../../etc', 'not the name of a unit'],
  ])('%s is refused', (unit, why) => {
    const step = changePlan(blank, { ...plan, units: [unit] });
    expect(refusal(step)).toBe('refused');
    expect(step.answer.ok ? '' : step.answer.error.message).toContain(why);
  });

  test('an address that is none is refused', () => {
    const vips = [{ address: '10.1.0', prefixLength: 24, interface: 'eth0' }];
    expect(refusal(arm(blank, { ...order(7), plan: { ...plan, vips } }, now))).toBe('refused');
  });
});

describe('demote', () => {
  test('in every phase, but not without a plan', () => {
    expect(demote(armed(), 'Switchover.')).toMatchObject({ act: 'Switchover.', state: { phase: 'acting' } });
    expect(demote(harmless(armed()), 'Again.').act).toBe('Again.');
    expect(refusal(demote(blank, 'x'))).toBe('no-plan');
  });
});
