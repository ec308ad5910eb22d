import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { after, fencingToken, type GuardPlan, type GuardView, nonce } from '@hamn/core';
import type { ArmOrder } from '@hamn/engine';
import { bootClock } from '@hamn/linux';
import { MountNamespace, until } from '@hamn/linux/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { GuardClient } from '../client/guard-client.ts';
import { GuardBench } from '../testing/guard-bench.ts';

/** A real hamn-guard, and a real file system on a loop device, in a mount namespace of their own. */
const space = new MountNamespace();
let bench: GuardBench;
let client: GuardClient;
let device = '';
let target = '';

beforeAll(async () => {
  await space.ready();
  bench = new GuardBench('gm', space.path);
  target = `${bench.directory}/install`;
  mkdirSync(target);
  mkdirSync(`${bench.directory}/elsewhere`);
  device = space.ext4Device(`${bench.directory}/image`);
});
afterAll(async () => {
  await space.remove();
  await bench.remove();
});
beforeEach(async () => {
  space.run('mount', device, target);
  await bench.startGuard('--verify-limit-ms', '200');
  client = new GuardClient({ directory: bench.directory, controlGroups: bench.controlGroups });
});
afterEach(async () => {
  client.close();
  await bench.clear();
  if (space.isMounted(target)) space.run('umount', target);
});

const planned = (): GuardPlan => ({ ...bench.plan, mounts: [{ source: device, target }] });
const order = (token: number, ms: number, plan = planned()): ArmOrder => ({
  token: fencingToken(token),
  nonce: nonce(`n${token}`),
  deadline: after(bootClock.now(), ms),
  termMs: 10_000,
  plan,
});
const good = { ok: true };

async function view(): Promise<GuardView> {
  const seen = await client.observe(2000);
  if (!seen.ok) throw new Error(seen.error.message);
  return seen.value;
}
const reaches = (state: GuardView['state']) => until(state, async () => (await view()).state === state, 8000);

test('at its deadline it unmounts what one node alone may have, after it has ended what runs', async () => {
  bench.startRole();
  // What the role runs works in it: the processes go first, and nothing holds it then.
  const holder = space.spawn('sh', '-c', `cd ${target} && exec sleep 600`);
  await until('it is held', () => readFileSync(`/proc/${holder.pid}/comm`, 'utf8') === 'sleep\n');
  writeFileSync(`${bench.postgresGroup}/cgroup.procs`, String(holder.pid));
  expect(await client.arm(order(1, 400), 1000)).toMatchObject(good);
  await until('it has acted', async () => (await view()).lastAct !== undefined, 8000);
  await reaches('harmless');
  expect(space.isMounted(target)).toBe(false);
  expect(bench.harmless()).toBe(true);
  expect((await view()).lastAct).toMatchObject({ verified: true });
});

test('while it cannot be unmounted the node is not harmless, and says what is there', async () => {
  const holder = space.spawn('sh', '-c', `cd ${target} && exec sleep 600`);
  await until('it is held', () => readFileSync(`/proc/${holder.pid}/comm`, 'utf8') === 'sleep\n');
  await client.arm(order(2, 5000), 1000);
  const act = await client.demote('The test ends the term.', 4000);
  expect(act).toMatchObject({ ok: true, value: { verified: false } });
  await until('it says why', async () => ((await view()).lastAct?.reason ?? '').includes('target is busy'));
  const { lastAct, state } = await view();
  expect(state).toBe('failed');
  expect(lastAct?.reason).toContain(`Still there: ${device} on ${target}, which cannot be unmounted: `);
  expect(await client.arm(order(3, 5000), 1000)).toMatchObject({
    ok: false,
    error: { code: 'not-harmless' },
  });
  holder.kill('SIGKILL');
  await reaches('harmless');
  expect(space.isMounted(target)).toBe(false);
  expect(await client.arm(order(4, 5000), 1000)).toMatchObject(good);
});

test('bound or mounted by hand somewhere else it is found as well', async () => {
  const elsewhere = `${bench.directory}/elsewhere`;
  space.run('mount', '--bind', target, elsewhere);
  space.run('umount', target);
  await client.arm(order(5, 5000), 1000);
  expect(await client.demote('x', 4000)).toMatchObject(good);
  await reaches('harmless');
  expect(space.isMounted(elsewhere)).toBe(false);
});

test('what is not in its plan stays mounted', async () => {
  await client.arm(order(6, 5000, bench.plan), 1000);
  expect(await client.demote('x', 4000)).toMatchObject({ ok: true, value: { verified: true } });
  expect(space.isMounted(target)).toBe(true);
});

test('a guard that is started again knows of it from its file', async () => {
  await client.arm(order(7, 800), 1000);
  await bench.killGuard();
  await bench.startGuard();
  await until('it is gone', () => !space.isMounted(target), 15_000);
  await reaches('harmless');
}, 30_000);

test('a plan on file that an older guard wrote is read', async () => {
  bench.startRole();
  await client.arm(order(8, 8000, bench.plan), 1000);
  await bench.killGuard();
  const file = `${bench.directory}/guard-plan.json`;
  const older = readFileSync(file, 'utf8').replace(',"mounts":[]', '');
  expect(older).not.toContain('mounts');
  writeFileSync(file, older);
  await bench.startGuard();
  expect(await view()).toMatchObject({ state: 'armed', record: { token: 8 } });
  // The hamnd that comes with it says more.
  expect(await client.plan(planned(), 1000)).toMatchObject(good);
  await client.demote('x', 4000);
  await reaches('harmless');
  expect(bench.harmless()).toBe(true);
  expect(space.isMounted(target)).toBe(false);
}, 30_000);

test('while the role may run it forgets no mount', async () => {
  await client.arm(order(9, 5000), 1000);
  expect(await client.plan(bench.plan, 1000)).toMatchObject(good);
  expect(await client.demote('x', 4000)).toMatchObject({ ok: true, value: { verified: true } });
  expect(space.isMounted(target)).toBe(false);
});
