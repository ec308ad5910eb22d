import { type GuardNote, type GuardView, instant } from '@hamn/core';
import { expect, it } from 'vitest';
import type { JournalEvent } from '../ports/journal.ts';
import { GuardTeller } from './guard-teller.ts';

const note = (at: number, message: string, actAt?: number): GuardNote => ({
  at: instant(at),
  event: 'guard.acted',
  level: 'warn',
  message,
  actAt: actAt === undefined ? undefined : instant(actAt),
});
const guard = (...notes: readonly GuardNote[]): GuardView => ({
  state: 'harmless',
  record: undefined,
  lastAct: undefined,
  notes,
});

function bench(nowMs: number) {
  const told: JournalEvent[] = [];
  const clock = { now: () => instant(nowMs), wallMs: () => 0, nonce: () => '', after: () => () => undefined };
  const teller = new GuardTeller({ clock, journal: { write: (event) => told.push(event) } });
  return { teller, told, messages: () => told.map((event) => event.message) };
}

it('tells each note once, with its age, and says what it has told', () => {
  const { teller, told, messages } = bench(10_000);
  expect(teller.toldUntil).toBeUndefined();
  teller.look(guard(note(5000, 'It acted.'), note(9900, 'It swept.')));
  teller.look(guard(note(5000, 'It acted.'), note(9900, 'It swept.'), note(9950, 'Again.')));
  expect(messages()).toEqual([
    'hamn-guard, 5.0 s ago: It acted.',
    'hamn-guard: It swept.',
    'hamn-guard: Again.',
  ]);
  expect(told[0]).toMatchObject({ event: 'guard.acted', level: 'warn', fields: { agoMs: 5000 } });
  expect(teller.toldUntil).toBe(9950);
});

it('does not repeat an act that this process ordered and told of', () => {
  const { teller, messages } = bench(10_000);
  teller.knows({ reason: 'A hand-over.', at: instant(9000), tookMs: 5, verified: true });
  teller.look(guard(note(9005, 'Ordered.', 9000), note(9500, 'By itself.', 9400)));
  expect(messages()).toEqual(['hamn-guard: By itself.']);
  expect(teller.toldUntil).toBe(9500);
});

it('bears a guard that knows no notes', () => {
  const { teller, messages } = bench(1);
  teller.look({ state: 'armed', record: undefined, lastAct: undefined });
  expect(messages()).toEqual([]);
});
