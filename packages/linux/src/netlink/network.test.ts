import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type IpAddress, parseIp } from '../address.ts';
import { createTestSegment, ip, type TestSegment, testMacs } from '../testing/namespace.ts';
import { until } from '../testing/until.ts';
import { type NetworkEvent, watchNetwork } from './events.ts';
import type { KernelAddress, NewAddress } from './kernel-address.ts';
import { type Network, openNetwork } from './network.ts';

let segment: TestSegment;
let network: Network;
let eth0 = 0;
let events: NetworkEvent[] = [];
let stopWatching: () => void;

beforeAll(async () => {
  segment = createTestSegment('nl');
  network = segment.inside(segment.here, () => {
    const opened = openNetwork();
    opened.open();
    stopWatching = watchNetwork((event) => events.push(event));
    return opened;
  });
  eth0 = (await links()).find((link) => link.name === 'eth0')?.index ?? 0;
});

afterAll(() => {
  stopWatching();
  network.close();
  segment.remove();
});

async function links() {
  const result = await network.links(1000);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

async function find(text: string): Promise<KernelAddress | undefined> {
  const result = await network.addresses(1000);
  if (!result.ok) throw new Error(result.error.message);
  return result.value.find((address) => address.ip.text === text);
}

function address(text: string): IpAddress {
  const parsed = parseIp(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

const lease = (text: string, prefixLength: number, seconds: number): NewAddress => ({
  ip: address(text),
  prefixLength,
  interfaceIndex: eth0,
  validSeconds: seconds,
  preferredSeconds: text.includes(':') ? 0 : seconds,
  withoutDuplicateDetection: true,
  withoutPrefixRoute: text.includes(':'),
});

test('interfaces are listed with MAC, carrier and kind', async () => {
  const listed = await links();
  expect(listed.find((link) => link.name === 'eth0')).toMatchObject({
    mac: testMacs.here,
    up: true,
    carrier: true,
    ethernet: true,
  });
  expect(listed.find((link) => link.name === 'lo')).toMatchObject({ up: true, ethernet: false });
});

test('an answer that is there counts, however late the process comes to read it', async () => {
  await nextTurn();
  const asked = network.links(1);
  // It is sent some promises later, in the same turn.
  for (let step = 0; step < 20; step += 1) await undefined;
  const end = performance.now() + 50;
  while (performance.now() < end);
  expect(await asked).toMatchObject({ ok: true });
});

test.each([
  ['192.0.2.77', 24],
  ['2001:db8::77', 64],
])('%s/%d is added with a lifetime, renewed without a flap, and removed', async (text, prefix) => {
  expect(await network.putAddress(lease(text, prefix, 9), 1000)).toMatchObject({ ok: true });
  const added = await find(text);
  expect(added).toMatchObject({ prefixLength: prefix, permanent: false, tentative: false });
  expect(added?.validSeconds).toBeGreaterThanOrEqual(8);

  events = [];
  expect(await network.putAddress(lease(text, prefix, 30), 1000)).toMatchObject({ ok: true });
  expect((await find(text))?.validSeconds).toBeGreaterThan(25);
  expect(events.filter((event) => event.kind === 'address' && event.gone)).toEqual([]);

  if (added === undefined) throw new Error('unreachable');
  expect(await network.removeAddress(added, 1000)).toMatchObject({ ok: true });
  expect(await find(text)).toBeUndefined();
  expect(await network.removeAddress(added, 1000)).toMatchObject({ ok: false, error: { code: 'not-found' } });
  await until('the removal is an event', () =>
    events.some((event) => event.kind === 'address' && event.gone && event.address.ip.text === text),
  );
});

test('an address whose owner stops renewing goes by itself', async () => {
  await network.putAddress(lease('192.0.2.78', 24, 1), 1000);
  await network.putAddress(lease('2001:db8::78', 64, 1), 1000);
  await until(
    'both are gone',
    async () => !((await find('192.0.2.78')) || (await find('2001:db8::78'))),
    4000,
  );
});

test('refusals carry a code and name the act', async () => {
  const nowhere = await network.putAddress({ ...lease('192.0.2.79', 24, 5), interfaceIndex: 9999 }, 1000);
  expect(nowhere).toMatchObject({ ok: false, error: { code: 'no-device' } });
  expect(nowhere.ok ? '' : nowhere.error.message).toMatch(/192\.0\.2\.79\/24.*ENODEV/);
});

test('a link that loses its carrier is an event', async () => {
  events = [];
  ip('-n', segment.peer, 'link', 'set', 'eth0', 'down');
  const carrier = (wanted: boolean) => () =>
    events.some(
      (event) => event.kind === 'link' && event.link.index === eth0 && event.link.carrier === wanted,
    );
  await until('carrier lost', carrier(false));
  events = [];
  ip('-n', segment.peer, 'link', 'set', 'eth0', 'up');
  await until('carrier back', carrier(true));
});

test('a hundred requests at once are all answered', async () => {
  const answers = await Promise.all(Array.from({ length: 100 }, () => network.addresses(1000)));
  expect(answers.every((answer) => answer.ok)).toBe(true);
});
