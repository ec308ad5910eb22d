import { type Instant, instant, type Step } from '@hamn/core';
import { expect, it } from 'vitest';
import { DecisionLog } from './decision-log.ts';

const step = (because: string): Step => ({ rule: 'come-back', band: 'role', because });

function bench() {
  let now: Instant = instant(0);
  const told: string[] = [];
  const clock = { now: () => now, wallMs: () => 0, nonce: () => '', after: () => () => undefined };
  const journal = { write: ({ message }: { readonly message: string }) => told.push(message) };
  const log = new DecisionLog({ clock, journal });
  return {
    told,
    say: (...texts: readonly string[]) => log.take(texts.map(step)),
    pass: (ms: number) => {
      now = instant(now + ms);
    },
  };
}

it('tells what is new, once', () => {
  const { told, say } = bench();
  say('A.');
  say('A.', 'B.');
  say('A.', 'B.');
  say('A.');
  say('A.', 'B.');
  expect(told).toEqual(['A.', 'B.', 'B.']);
});

it('tells what comes and goes three times, then once a minute', () => {
  const { told, say, pass } = bench();
  for (let ms = 0; ms < 10 * 60_000; ms += 3000) {
    say('It is tried.');
    say('The last try failed.');
    pass(3000);
  }
  expect(told.filter((text) => text === 'It is tried.').length).toBe(12);
  expect(told.filter((text) => text === 'The last try failed.').length).toBe(12);
});

it('begins anew after a rest', () => {
  const { told, say, pass } = bench();
  for (let count = 0; count < 5; count++) {
    say('A.');
    say();
  }
  pass(120_000);
  for (let count = 0; count < 5; count++) {
    say('A.');
    say();
  }
  expect(told).toHaveLength(6);
});

it('remembers a bounded number of different ones', () => {
  const { told, say } = bench();
  for (let count = 0; count < 2000; count++) say(`Figure ${count}.`);
  expect(told).toHaveLength(2000);
});
