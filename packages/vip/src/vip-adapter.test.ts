import { execFileSync } from 'node:child_process';
import type { VipSettings } from '@hamn/core';
import type { ClockPort, JournalEvent } from '@hamn/engine';
import { always } from '@hamn/engine';
import {
  advertisementFilter,
  arpAnnouncement,
  arpProtocol,
  bootClock,
  broadcastMac,
  decodeAdvertisement,
  decodeArp,
  formatMac,
  ipOf,
  ipv6Protocol,
  type Network,
  openNetwork,
  openPacketSocket,
  type PacketSocket,
} from '@hamn/linux';
import { createTestSegment, ip, type TestSegment, testMacs, until } from '@hamn/linux/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { VipAdapter } from './vip-adapter.ts';

const clock: ClockPort = {
  now: bootClock.now,
  wallMs: () => 0,
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  nonce: () => 'n',
};

const vip4: VipSettings = { address: '192.0.2.223', prefixLength: 24, interface: 'eth0' };
const vip6: VipSettings = { address: '2001:db8::223', prefixLength: 64, interface: 'eth0' };

let segment: TestSegment;
let network: Network;
let adapter: VipAdapter;
let journal: JournalEvent[] = [];

beforeAll(() => {
  segment = createTestSegment('vip');
  segment.enter(segment.here);
});
afterAll(() => segment.remove());

beforeEach(() => {
  journal = [];
  network = openNetwork();
  adapter = new VipAdapter({ clock, journal: { write: (event) => journal.push(event) }, network });
});
afterEach(async () => {
  await adapter.remove(vip4, 1000);
  await adapter.remove(vip6, 1000);
  adapter.close();
  network.close();
});

const addressesHere = (): string => ip('-n', segment.here, '-o', 'address', 'show');
const ping = (to: string): void => {
  execFileSync('ip', ['netns', 'exec', segment.peer, 'ping', '-c1', '-W2', to], { timeout: 5000 });
};

async function view(vip: VipSettings) {
  const views = await adapter.observe([vip], 1000);
  if (!views.ok) throw new Error(views.error.message);
  return views.value[0];
}

test.each([vip4, vip6])('$address is added as a lease, seen, renewed and removed', async (vip) => {
  expect(await view(vip)).toMatchObject({ present: false, linkUp: true });
  expect(await adapter.add(vip, 3, 1000, always)).toMatchObject({ ok: true });
  expect(await view(vip)).toMatchObject({ present: true, linkUp: true, duplicate: undefined });
  expect(addressesHere()).toMatch(new RegExp(`${vip.address}/${vip.prefixLength}.*valid_lft [23]sec`, 's'));
  expect(await adapter.renew([vip], 60, 1000, always)).toMatchObject({ ok: true });
  expect(addressesHere()).toMatch(
    new RegExp(`${vip.address}/${vip.prefixLength}.*valid_lft (60|59)sec`, 's'),
  );
  expect(await adapter.remove(vip, 1000)).toMatchObject({ ok: true });
  expect(await view(vip)).toMatchObject({ present: false });
  expect(await adapter.remove(vip, 1000)).toMatchObject({ ok: true });
});

test('a term that ends while the kernel is looked at adds and renews nothing', async () => {
  let asked = 0;
  const over = (): boolean => {
    asked += 1;
    return false;
  };
  expect(await adapter.add(vip4, 60, 1000, over)).toMatchObject({ ok: false, error: { code: 'over' } });
  expect(addressesHere()).not.toContain('.223');
  await adapter.add(vip4, 5, 1000, always);
  expect(await adapter.renew([vip4], 60, 1000, over)).toMatchObject({ ok: false, error: { code: 'over' } });
  expect(addressesHere()).toMatch(/valid_lft [45]sec/);
  await adapter.remove(vip4, 1000);
  expect(asked).toBe(2);
});

test('renewing never adds', async () => {
  expect(await adapter.renew([vip4, vip6], 60, 1000, always)).toMatchObject({ ok: true });
  expect(addressesHere()).not.toContain('.223');
});

test('without renewal the kernel takes it away', async () => {
  await adapter.add(vip4, 1, 1000, always);
  await adapter.add(vip6, 1, 1000, always);
  await until('both are gone', () => !addressesHere().includes('223'), 4000);
});

test('a copy with another prefix length or on another interface goes', async () => {
  ip('-n', segment.here, 'link', 'add', 'eth1', 'type', 'veth', 'peer', 'name', 'eth1b');
  ip('-n', segment.here, 'link', 'set', 'eth1', 'up');
  ip('-n', segment.here, 'address', 'add', '192.0.2.223/32', 'dev', 'eth0');
  ip('-n', segment.here, 'address', 'add', '192.0.2.223/24', 'dev', 'eth1');
  ip('-n', segment.here, 'address', 'add', '2001:db8::223/128', 'dev', 'eth0', 'nodad');
  expect(await view(vip4)).toMatchObject({ present: false });
  await adapter.add(vip4, 60, 1000, always);
  await adapter.add(vip6, 60, 1000, always);
  expect(addressesHere().match(/192\.0\.2\.223\/\d+/g)).toEqual(['192.0.2.223/24']);
  expect(addressesHere().match(/2001:db8::223\/\d+/g)).toEqual(['2001:db8::223/64']);
  ip('-n', segment.here, 'address', 'add', '192.0.2.223/32', 'dev', 'eth1');
  await adapter.remove(vip4, 1000);
  expect(addressesHere()).not.toContain('192.0.2.223');
  ip('-n', segment.here, 'link', 'delete', 'eth1');
});

test("the node's own addresses and routes survive the VIP's end", async () => {
  // The VIP first: the kernel then calls the node's address the secondary one.
  ip('-n', segment.here, 'address', 'delete', '192.0.2.1/24', 'dev', 'eth0');
  await adapter.add(vip4, 60, 1000, always);
  ip('-n', segment.here, 'address', 'add', '192.0.2.1/24', 'dev', 'eth0');
  await adapter.add(vip6, 1, 1000, always);
  await adapter.renew([vip6], 1, 1000, always);
  await adapter.remove(vip4, 1000);
  await until('the IPv6 lease has ended', () => !addressesHere().includes('2001:db8::223'), 4000);
  expect(addressesHere()).toContain('192.0.2.1/24');
  const route = ip('-n', segment.here, '-6', 'route', 'show', '2001:db8::/64');
  expect(route).toContain('dev eth0');
  expect(route).not.toContain('expires');
});

test('own IPv6 connections do not leave from the VIP', async () => {
  await adapter.add(vip6, 60, 1000, always);
  await adapter.add(vip4, 60, 1000, always);
  expect(ip('-n', segment.here, 'route', 'get', '2001:db8::2')).toMatch(/src 2001:db8::1 /);
  expect(ip('-n', segment.here, 'route', 'get', '192.0.2.2')).toMatch(/src 192\.0\.2\.1 /);
  ping(vip6.address);
});

test.each([
  ['192.0.2.2', 24],
  ['2001:db8::2', 64],
])("a probe for %s finds the other host's MAC, quickly", async (address, prefixLength) => {
  const vip = { address, prefixLength, interface: 'eth0' };
  const start = bootClock.now();
  expect(await adapter.probe(vip, 1000)).toEqual({ ok: true, value: testMacs.peer });
  expect(bootClock.now() - start).toBeLessThan(500);
  expect((await view(vip))?.duplicate).toBe(testMacs.peer);
});

test.each([vip4, vip6])('nobody answers for $address, also while it is here', async (vip) => {
  expect(await adapter.probe(vip, 200)).toEqual({ ok: true, value: undefined });
  await adapter.add(vip, 60, 1000, always);
  expect(await adapter.probe(vip, 200)).toEqual({ ok: true, value: undefined });
});

const ipBytes = (text: string): Buffer => Buffer.from(text.split('.').map(Number));

/** What the peer hears. */
function ear(protocol: number, filter?: Buffer): { heard: () => string[]; socket: PacketSocket } {
  const socket = segment.inside(segment.peer, () => {
    for (let index = 2; index < 64; index += 1) {
      const opened = openPacketSocket(index, protocol, filter);
      if (opened.ok) return opened.value;
    }
    throw new Error('no interface');
  });
  const lines: string[] = [];
  const heard = (): string[] => {
    for (let frame = socket.receive(); frame !== undefined; frame = socket.receive()) {
      const arp = decodeArp(frame.payload);
      const advertisement = decodeAdvertisement(frame.payload);
      if (arp !== undefined && protocol === arpProtocol)
        lines.push(`${arp.operation} ${formatMac(arp.senderMac)} ${ipOf(arp.senderIp).text}`);
      else if (advertisement !== undefined)
        lines.push(`advertisement ${formatMac(frame.sourceMac)} ${ipOf(advertisement.target).text}`);
    }
    return lines;
  };
  return { heard, socket };
}

test('a probe sends at least three RFC 5227 frames', async () => {
  const { heard, socket } = ear(arpProtocol);
  await adapter.probe(vip4, 100);
  const probes = heard().filter((line) => line === `request ${testMacs.here} 0.0.0.0`);
  expect(probes.length).toBeGreaterThanOrEqual(3);
  socket.close();
});

test('announcements: request and reply at once and again, and on link-up; none after removal', async () => {
  const { heard, socket } = ear(arpProtocol);
  await adapter.add(vip4, 60, 1000, always);
  const request = `request ${testMacs.here} ${vip4.address}`;
  const reply = `reply ${testMacs.here} ${vip4.address}`;
  expect(await adapter.announce(vip4)).toMatchObject({ ok: true });
  expect(heard().filter((line) => line === request || line === reply)).toEqual([request, reply]);
  expect((await view(vip4))?.announcedAt).toBeDefined();
  await until('four rounds', () => heard().filter((line) => line === reply).length === 4, 2000);

  ip('-n', segment.peer, 'link', 'set', 'eth0', 'down');
  await until('the cable is seen to be out', async () => (await view(vip4))?.linkUp === false);
  const before = heard().length;
  ip('-n', segment.peer, 'link', 'set', 'eth0', 'up');
  await until('it is announced again', () => heard().slice(before).includes(reply), 4000);

  await adapter.remove(vip4, 1000);
  const after = heard().length;
  // The next round would have come within 400 ms.
  await expect(until('one more', () => heard().slice(after).includes(reply), 600)).rejects.toThrow();
  socket.close();
});

test('IPv6 announcements are unsolicited advertisements', async () => {
  const { heard, socket } = ear(ipv6Protocol, advertisementFilter);
  await adapter.add(vip6, 60, 1000, always);
  expect(await adapter.announce(vip6)).toMatchObject({ ok: true });
  const line = `advertisement ${testMacs.here} ${vip6.address}`;
  await until('three rounds', () => heard().filter((one) => one === line).length >= 3, 2000);
  socket.close();
});

test('an address that is gone is not announced', async () => {
  const { heard, socket } = ear(arpProtocol);
  expect(await adapter.announce(vip4)).toMatchObject({ ok: false, error: { code: 'kernel' } });
  await adapter.add(vip4, 60, 1000, always);
  await adapter.announce(vip4);
  ip('-n', segment.here, 'address', 'delete', '192.0.2.223/24', 'dev', 'eth0');
  heard();
  const before = heard().length;
  await expect(
    until(
      'a frame',
      () =>
        heard()
          .slice(before)
          .some((line) => line.includes('.223')),
      600,
    ),
  ).rejects.toThrow();
  socket.close();
});

test('another claim is answered and reported', async () => {
  const { heard, socket } = ear(arpProtocol);
  await adapter.add(vip4, 60, 1000, always);
  await adapter.announce(vip4);
  await until('the first rounds', () => heard().length >= 8, 2000);
  const claim = arpAnnouncement(Buffer.from('0200000000ff', 'hex'), ipBytes(vip4.address));
  socket.send(broadcastMac, claim);
  await until(
    'the claim is reported',
    async () => (await view(vip4))?.duplicate === '02:00:00:00:00:ff',
    3000,
  );
  expect(journal).toMatchObject([{ event: 'vip.claimed-elsewhere', level: 'warn' }]);
  expect(journal[0]?.message).toContain('02:00:00:00:00:ff');
  socket.close();
});

test('a missing interface, a down one and one without a wire are told apart, with the remedy', async () => {
  const nowhere = await adapter.add({ ...vip4, interface: 'eth7' }, 3, 1000, always);
  expect(nowhere).toMatchObject({ ok: false, error: { code: 'no-interface' } });
  expect(nowhere.ok ? '' : nowhere.error.message).toMatch(/eth7.*It has: .*eth0/);
  ip('-n', segment.here, 'link', 'add', 'eth2', 'type', 'veth', 'peer', 'name', 'eth2b');
  const down = await adapter.add({ ...vip4, interface: 'eth2' }, 3, 1000, always);
  expect(down).toMatchObject({ ok: false, error: { code: 'link-down' } });
  expect(down.ok ? '' : down.error.message).toContain('ip link set eth2 up');
  ip('-n', segment.here, 'link', 'delete', 'eth2');
  ip('-n', segment.peer, 'link', 'set', 'eth0', 'down');
  await until('the carrier is gone', async () => (await view(vip4))?.linkUp === false);
  expect(await adapter.probe(vip4, 100)).toMatchObject({ ok: false, error: { code: 'link-down' } });
  expect(await adapter.add(vip4, 60, 1000, always)).toMatchObject({ ok: true });
  ip('-n', segment.peer, 'link', 'set', 'eth0', 'up');
});

test('changes wake the engine, renewals do not', async () => {
  let changes = 0;
  adapter.watch(() => {
    changes += 1;
  });
  await adapter.add(vip4, 60, 1000, always);
  await until('the new address is a change', () => changes > 0);
  await until('the events have settled', async () => {
    const before = changes;
    await view(vip4);
    return changes === before;
  });
  const before = changes;
  for (let count = 0; count < 5; count += 1) await adapter.renew([vip4], 60, 1000, always);
  await view(vip4);
  expect(changes).toBe(before);
  ip('-n', segment.here, 'address', 'delete', '192.0.2.223/24', 'dev', 'eth0');
  await until('the loss is a change', () => changes > before);
});
