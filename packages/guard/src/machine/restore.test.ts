import { fencingToken, type GuardPlan, instant, nonce } from '@hamn/core';
import { expect, test } from 'vitest';
import type { StoredRecord } from '../record/record-file.ts';
import { type Found, restore } from './restore.ts';

const plan: GuardPlan = { group: 'mn', units: ['a.service'], dataDirectory: undefined, vips: [], mounts: [] };
const record = { token: fencingToken(7), nonce: nonce('a'), deadline: instant(1000), termMs: 900 };
const read = <T>(value: T): Found<T> => ({ kind: 'read', value });
const stored = (phase: StoredRecord['phase'], bootId = 'boot-1'): Found<StoredRecord> =>
  read({ bootId, phase, record, lastAct: undefined });
const absent = { kind: 'absent' } as const;
const broken = { kind: 'unreadable', reason: 'it holds garbage' } as const;

test("a boot's first guard is harmless", () => {
  expect(restore(absent, absent, 'boot-1', instant(500))).toEqual({
    state: { phase: 'harmless', record: undefined, plan: undefined, lastAct: undefined },
  });
});

test('an armed record of this boot whose deadline is ahead is kept', () => {
  const restored = restore(stored('armed'), read(plan), 'boot-1', instant(999));
  expect(restored).toMatchObject({ state: { phase: 'armed', record, plan } });
  expect(restored.act).toBeUndefined();
});

test('a harmless record of this boot is kept, for what was armed last', () => {
  const restored = restore(stored('harmless'), read(plan), 'boot-1', instant(5000));
  expect(restored).toMatchObject({ state: { phase: 'harmless', record } });
  expect(restored.act).toBeUndefined();
});

test.each([
  ['its deadline has passed', stored('armed'), read(plan), instant(1000)],
  ['it is unreadable', broken, read(plan), instant(500)],
  ['it is of another boot', stored('armed', 'boot-0'), read(plan), instant(500)],
  ['even a harmless one is of another boot', stored('harmless', 'boot-0'), read(plan), instant(500)],
  ['it is missing beside a plan', absent, read(plan), instant(500)],
  ['an act had begun', stored('acting'), read(plan), instant(500)],
  ['an act had failed', stored('failed'), read(plan), instant(500)],
  ['the plan of an armed one is unreadable', stored('armed'), broken, instant(500)],
])('the guard acts when %s', (_why, found, foundPlan, now) => {
  const restored = restore(found, foundPlan, 'boot-1', now);
  expect(restored.state.phase).toBe('acting');
  expect(restored.act).toMatch(/\.$/);
});

test('a record of another boot is not shown', () => {
  expect(restore(stored('armed', 'boot-0'), read(plan), 'boot-1', instant(5)).state.record).toBeUndefined();
});
