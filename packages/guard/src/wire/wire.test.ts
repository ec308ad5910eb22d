import { fencingToken, type GuardPlan, type GuardView, instant, nonce, type WatchdogView } from '@hamn/core';
import { expect, test } from 'vitest';
import { LineReader, longestLine } from './line-reader.ts';
import { line, type Order, readAnswer, readRequest } from './messages.ts';

const plan: GuardPlan = {
  group: 'mn',
  units: ['a.service'],
  dataDirectory: undefined,
  vips: [{ address: 'fd99::10', prefixLength: 64, interface: 'eth0' }],
  mounts: [{ source: '/dev/drbd0', target: '/a b' }],
};

test.each<Order>([
  { kind: 'observe' },
  { kind: 'observe', told: instant(7.125) },
  { kind: 'plan', plan },
  { kind: 'demote', reason: 'A "quoted"\nreason.' },
  { kind: 'extend', token: fencingToken(9), deadline: instant(1.5) },
  {
    kind: 'arm',
    order: { token: fencingToken(9), nonce: nonce('n'), deadline: instant(2.25), termMs: 3000, plan },
  },
])('the order $kind survives the wire', (order) => {
  const text = line({ id: 3, order });
  expect(text.indexOf('\n')).toBe(text.length - 1);
  expect(readRequest(text)).toEqual({ id: 3, order });
});

test.each([
  '{"id":1,"order":{"kind":"extend","token":0,"deadline":5}}',
  '{"id":1,"order":{"kind":"extend","token":1.5,"deadline":5}}',
  '{"id":1,"order":{"kind":"extend","token":"1","deadline":5}}',
  '{"id":1,"order":{"kind":"plan","plan":{"group":"mn","units":[1],"vips":[]}}}',
  '{"id":1,"order":{"kind":"plan","plan":{"group":"mn","units":[],"vips":[],"mounts":[{"target":"/a"}]}}}',
  '{"id":1,"order":{"kind":"plan","plan":{"group":"mn","units":[],"vips":[],"mounts":{}}}}',
  '{"id":1,"order":{"kind":"explode"}}',
  '{"id":1}',
])('%s has an id but no sense', (text) => {
  expect(readRequest(text)).toEqual({ id: 1, order: undefined });
});

test('a plan of a hamnd that knows of no mounts has none', () => {
  const older = '{"id":1,"order":{"kind":"plan","plan":{"group":"mn","units":["a.service"],"vips":[]}}}';
  expect(readRequest(older)?.order).toMatchObject({ plan: { units: ['a.service'], mounts: [] } });
});

test.each(['', 'x', '[]', 'null', '{"id":"1"}', '{'])('%j is no request and no answer', (text) => {
  expect(readRequest(text)).toBeUndefined();
  expect(readAnswer(text)).toBeUndefined();
});

test('lines come whole out of any pieces, and too long a one ends it', () => {
  const lines: string[] = [];
  const reader = new LineReader((text) => lines.push(text));
  for (const piece of ['on', 'e\ntw', 'o\n\nthree', '\n']) expect(reader.take(piece)).toBe(true);
  expect(lines).toEqual(['one', 'two', 'three']);
  expect(reader.take('x'.repeat(longestLine))).toBe(true);
  expect(reader.take('x')).toBe(false);
});

const view: GuardView = { state: 'harmless', record: undefined, lastAct: undefined };

test.each<WatchdogView>([
  { state: 'off' },
  { state: 'missing', required: true, reason: 'There is none.' },
  { state: 'active', required: false, identity: 'softdog', timeoutMs: 60_000, leastMs: 1000 },
])('the watchdog $state survives the wire', (watchdog) => {
  expect(readAnswer(line({ id: 1, ok: true, view: { ...view, watchdog } }))).toMatchObject({
    view: { watchdog },
  });
});

test('the view of an older guard, and of a newer one with a word that is not known, is read', () => {
  expect(readAnswer(line({ id: 1, ok: true, view }))).toMatchObject({
    ok: true,
    view: { state: 'harmless' },
  });
  const newer = '{"id":1,"ok":true,"view":{"state":"harmless","watchdog":{"state":"bored"},"more":1}}';
  expect(readAnswer(newer)).toMatchObject({ ok: true, view: { state: 'harmless', watchdog: undefined } });
});

test('a note of the guard survives the wire', () => {
  const note = {
    at: instant(5.25),
    event: 'guard.acted',
    level: 'warn',
    message: 'It acted.',
    actAt: instant(5),
  } as const;
  expect(readAnswer(line({ id: 1, ok: true, view: { ...view, notes: [note] } }))).toMatchObject({
    view: { notes: [note] },
  });
});
