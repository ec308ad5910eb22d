import { existsSync, writeFileSync } from 'node:fs';
import {
  after,
  biteAfterDeadlineMs,
  fencingToken,
  type GuardView,
  type Instant,
  nonce,
  type WatchdogView,
} from '@hamn/core';
import type { ArmOrder } from '@hamn/engine';
import { bootClock } from '@hamn/linux';
import { until } from '@hamn/linux/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { GuardClient } from '../client/guard-client.ts';
import { GuardBench } from '../testing/guard-bench.ts';
import { type StandInAbility, type StandInStory, standInStory } from '../testing/stand-in-watchdog.ts';

let bench: GuardBench;
let client: GuardClient;

beforeAll(() => {
  bench = new GuardBench('gw');
});
afterAll(() => bench.remove());
afterEach(async () => {
  client.close();
  await bench.clear();
});

const termMs = 5000;
const inMs = (ms: number): Instant => after(bootClock.now(), ms);
const order = (token: number, ms: number): ArmOrder => ({
  token: fencingToken(token),
  nonce: nonce(`n${token}`),
  deadline: inMs(ms),
  termMs,
  plan: bench.plan,
});
const ability = (able: StandInAbility): void =>
  writeFileSync(`${bench.directory}/watchdog.json`, JSON.stringify(able));
const story = (): StandInStory => standInStory(bench.directory, bootClock.now());

async function start(mode: 'automatic' | 'required', able: StandInAbility = {}, ...flags: string[]) {
  ability(able);
  await bench.startGuard('--watchdog', mode, '--verify-limit-ms', '100', ...flags);
  client = new GuardClient({ directory: bench.directory, controlGroups: bench.controlGroups });
}

async function view(): Promise<GuardView> {
  const seen = await client.observe(2000);
  if (!seen.ok) throw new Error(seen.error.message);
  return seen.value;
}
const watchdogIs = (state: WatchdogView['state']) =>
  until(`the watchdog is ${state}`, async () => (await view()).watchdog?.state === state);
const rests = () =>
  until('it rests', () => existsSync(`${bench.directory}/watchdog.log`) && story().seconds === 60);

test('a guard of a harmless node pets with the long timeout, and switches it off when it is stopped', async () => {
  await start('required');
  await rests();
  expect((await view()).watchdog).toEqual({
    state: 'active',
    required: true,
    identity: 'stand-in',
    timeoutMs: 60_000,
    leastMs: 1000,
  });
  await bench.stopGuard();
  expect(story()).toMatchObject({ stopped: true, resetAt: undefined });
});

test('one that cannot be switched off is announced, and goes on under the guard that follows', async () => {
  await start('automatic', { unstoppable: true });
  await rests();
  await bench.stopGuard();
  await until('it says so', () => bench.log.includes('reset in 60 s unless hamn-guard is started again'));
  const { bitesAt } = story();
  await bench.startGuard('--watchdog', 'automatic');
  await until('it is petted again', () => (story().bitesAt ?? 0) > (bitesAt ?? 0), 30_000);
  expect(story().resetAt).toBeUndefined();
});

test('a primary that is renewed is never reset; one whose guard is frozen is, within the margin', async () => {
  await start('required');
  await rests();
  expect((await client.arm(order(1, 2250), 1000)).ok).toBe(true);
  expect(story().bitesAt).toBeLessThanOrEqual(bootClock.now() + 2250 + biteAfterDeadlineMs);
  let deadline = inMs(0);
  for (let renewals = 0; renewals < 20; renewals += 1) {
    const next = inMs(100);
    deadline = inMs(2250);
    expect((await client.extend(fencingToken(1), deadline, 1000)).ok).toBe(true);
    await until('the next renewal is due', () => bootClock.now() >= next);
  }
  expect(story().resetAt).toBeUndefined();
  bench.freezeGuard();
  await until('it would have been reset', () => story().resetAt !== undefined, 10_000);
  expect(story().resetAt).toBeLessThanOrEqual(deadline + biteAfterDeadlineMs);
});

test('a node that becomes harmless at its deadline is petted again, and not reset', async () => {
  await start('automatic');
  await rests();
  bench.startRole();
  await client.arm(order(2, 1200), 1000);
  expect(story().seconds).toBe(1);
  await until('it is harmless', async () => (await view()).state === 'harmless');
  await rests();
  expect(story().resetAt).toBeUndefined();
});

test('a node that cannot be made harmless is not petted any more', async () => {
  await start('automatic', {}, '--control-groups', '/nonexistent');
  await rests();
  const arming = order(3, 1500);
  expect((await client.arm(arming, 1000)).ok).toBe(true);
  await until('it would have been reset', () => story().resetAt !== undefined);
  expect(story().resetAt).toBeLessThanOrEqual(arming.deadline + biteAfterDeadlineMs);
  expect(bench.log).toContain('could not be made harmless');
});

test('a guard that is killed and started again in a term keeps the machine from being reset', async () => {
  await start('required');
  await rests();
  // Long enough for a start on a busy machine.
  const lastsMs = 55_000;
  await client.arm({ ...order(4, lastsMs), termMs: 60_000 }, 1000);
  await bench.killGuard();
  await bench.startGuard('--watchdog', 'required');
  for (let renewals = 0; renewals < 10; renewals += 1) {
    const next = inMs(200);
    expect((await client.extend(fencingToken(4), inMs(lastsMs), 1000)).ok).toBe(true);
    await until('the next renewal is due', () => bootClock.now() >= next);
  }
  expect(story().resetAt).toBeUndefined();
  expect(story().bitesAt).toBeLessThanOrEqual(bootClock.now() + lastsMs + biteAfterDeadlineMs);
}, 30_000);

test('required and not there: no term is armed, and the guard says why', async () => {
  await start('required', { missing: true });
  expect(await client.arm(order(5, 2000), 1000)).toMatchObject({
    ok: false,
    error: {
      code: 'refused',
      message: 'A watchdog is required on it. There is no watchdog /dev/watchdog.',
    },
  });
  expect((await view()).state).toBe('harmless');
  expect(bench.log).toContain('No watchdog guards this node: There is no watchdog /dev/watchdog.');
});

test('required and too slow: refused for this term, armed for a longer one', async () => {
  await start('required', { leastSeconds: 3 });
  await rests();
  const arming = order(6, 3000);
  expect(await client.arm(arming, 1000)).toMatchObject({ ok: false, error: { code: 'refused' } });
  const longer = { ...arming, termMs: 10_000, deadline: inMs(8000) };
  expect((await client.arm(longer, 1000)).ok).toBe(true);
  expect(story().bitesAt).toBeLessThanOrEqual(longer.deadline + biteAfterDeadlineMs);
});

test('automatic: armed without one, and with one that is too slow, which is said', async () => {
  await start('automatic', { missing: true });
  await watchdogIs('missing');
  expect((await client.arm(order(7, 1000), 1000)).ok).toBe(true);
  await client.demote('x', 1000);
  ability({ leastSeconds: 3 });
  // The device is tried again every few seconds.
  await until('it was found', async () => (await view()).watchdog?.state === 'active', 15_000);
  await rests();
  expect((await client.arm(order(8, 3000), 1000)).ok).toBe(true);
  await until('it says so', () => bench.log.includes('It is not counted on.'));
  await until('it counts', () => story().seconds === 3);
}, 20_000);

test('a driver that hangs does not keep the guard from acting', async () => {
  await start('automatic');
  await rests();
  bench.startRole();
  await client.arm(order(9, 1500), 1000);
  ability({ hangs: true });
  const { deadline } = order(9, 1500);
  await until('the node is harmless', () => bench.harmless());
  expect(bootClock.now()).toBeLessThan(deadline + 500);
  await watchdogIs('missing');
  const { watchdog } = await view();
  expect(watchdog?.state === 'missing' ? watchdog.reason : '').toContain('has not answered for');
  await until('it would have been reset', () => story().resetAt !== undefined);
});
