import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vip4, vip6, waitFor } from '../cluster/index.ts';
import { inNetns } from '../lab/network.ts';
import { must } from '../lab/run.ts';
import { capture } from './announcements.ts';
import { bringUp, cluster, hamnctl, lab, problems, roles, sh, until } from './whole-cluster.ts';

/** Several VIPs: the management net's, a login net's on an interface of its own, and a gateway's in another subnet of the first interface. */
const login4 = '10.98.0.10';
const login6 = 'fd98::10';
const gateway = '10.97.0.10';
const all = [vip4, vip6, login4, login6, gateway];
let before = '';

const vips = `      - {address: ${login4}/24, interface: eth1, subnet: 10.98.0.0/24}
      - {address: "${login6}/64", interface: eth1}
      - {address: ${gateway}/24, interface: eth0, subnet: 10.97.0.0/24}
`;
const resources = `    resources:
      vip-3: {onFailure: degrade}
      vip-4: {onFailure: degrade}
      vip-5: {onFailure: degrade}
`;

const netns = (node: string): string => `${lab.layout.labName}-${node}`;
const [one = '', other = ''] = cluster.options.data;

beforeAll(async () => {
  await bringUp();
  await must([
    'ip',
    'link',
    'add',
    'eth1',
    'netns',
    netns(one),
    'type',
    'veth',
    'peer',
    'eth1',
    'netns',
    netns(other),
  ]);
  for (const [at, node] of [one, other].entries())
    await lab.mustExec(node, [
      'sh',
      '-ec',
      `ip link set eth1 up; ip address add 10.98.0.${11 + at}/24 dev eth1; ip address add fd98::${11 + at}/64 dev eth1 nodad; ip address add 10.97.0.${11 + at}/24 dev eth0`,
    ]);
  await must(lab.clientCommand(['ip', 'address', 'add', '10.97.0.99/24', 'dev', 'eth0']));
  const { primary } = await roles();
  before = (await hamnctl(primary, 'config', 'show')).stdout;
  await apply(before.replace('    postgres:\n', `${vips}    postgres:\n`) + resources);
});
afterAll(async () => {
  await must(lab.clientCommand(['ip', 'address', 'flush', 'dev', 'eth0', 'to', '10.97.0.0/24']));
  await apply(before);
  await must(['ip', '-n', netns(one), 'link', 'delete', 'eth1']);
  await cluster.healthy(60_000);
  await lab.down();
});

async function apply(settings: string): Promise<void> {
  const { primary } = await roles();
  await lab.writeFile(primary, '/root/vips.yaml', settings, 0o600);
  expect(await hamnctl(primary, 'config', 'apply', '/root/vips.yaml', '--yes')).toMatchObject({ code: 0 });
}

/** Which of them a node's kernel has, without a word of hamn's. */
async function had(node: string): Promise<readonly string[]> {
  const shown = (await sh(node, 'ip -o address show')).stdout;
  const here = new Set([...shown.matchAll(/inet6? (\S+)\//g)].map(([, address]) => address));
  return all.filter((address) => here.has(address));
}

const without = (...addresses: readonly string[]): readonly string[] =>
  all.filter((address) => !addresses.includes(address));

async function has(node: string, wanted: readonly string[], limitMs = 15_000): Promise<void> {
  await waitFor(limitMs, 200, async () => ((await had(node)).join() === wanted.join() ? true : undefined));
  expect(await had(node)).toEqual(wanted);
}

const switchTo = async (node: string): Promise<void> => {
  expect(await hamnctl(node, 'switchover', '--to', node, '--yes', '--wait')).toMatchObject({ code: 0 });
};

const holders = async (node: string): Promise<Readonly<Record<string, string | undefined>>> =>
  Object.fromEntries(
    ((await cluster.status(node))?.vips ?? []).map(({ address, holder }) => [address.split('/')[0], holder]),
  );

describe('several VIPs', () => {
  it('are all at the primary, each as a lease of its own that is renewed', async () => {
    const { primary, standby } = await roles();
    await has(primary, all);
    expect(await had(standby)).toEqual([]);
    const shown = (await sh(primary, 'ip -o address show')).stdout;
    for (const address of all) {
      const line = shown.split('\n').find((text) => text.includes(` ${address}/`));
      expect(line).toMatch(/valid_lft [1-3]sec/);
    }
    expect((await hamnctl(primary, 'resources')).stdout).toMatch(/vip-5 +vip +running/);
  });

  it('move together, and each is announced where it is: ARP requests and replies, neighbour advertisements', async () => {
    const { primary, standby } = await roles();
    const onLogin = await capture(lab, { within: (argv) => inNetns(netns(primary), argv), on: 'eth1' });
    const onMain = await capture(lab);
    await switchTo(standby);
    await has(standby, all);
    expect(await had(primary)).toEqual([]);
    const mac = async (link: string): Promise<string> =>
      (await sh(standby, `cat /sys/class/net/${link}/address`)).stdout.trim();
    const [main, login] = [await mac('eth0'), await mac('eth1')];
    await Promise.all([onLogin.stop(), onMain.stop()]);
    for (const [address, from, frames] of [
      [login4, login, onLogin],
      [gateway, main, onMain],
      [vip4, main, onMain],
    ] as const) {
      const said = frames.lines().filter((line) => line.includes(` ${from} > ff:ff:ff:ff:ff:ff`));
      expect(
        said.some(
          (line) =>
            line.includes(`who-has ${address} (ff:ff:ff:ff:ff:ff) tell ${address}`) ||
            line.includes(`who-has ${address} tell ${address}`),
        ),
      ).toBe(true);
      expect(said.some((line) => line.includes(`Reply ${address} is-at ${from}`))).toBe(true);
    }
    const advertised = onLogin.lines().some((line) => line.includes(`tgt is ${login6}`));
    expect(advertised).toBe(true);
    expect(onMain.lines().some((line) => line.includes(login4))).toBe(false);
  });

  it('whose interface is down keep the others from nothing, and come when it is up', async () => {
    const { primary, standby } = await roles();
    const token = (await cluster.status(primary))?.term?.token;
    await lab.mustExec(standby, ['ip', 'link', 'set', 'eth1', 'down']);
    expect(
      await until(/eth1 of the VIP 10\.98\.0\.10 is missing or has no link/, 15_000, () => problems(primary)),
    ).toMatch(/no link/);
    expect((await cluster.status(primary))?.term?.token).toBe(token);
    await switchTo(standby);
    await has(standby, without(login4, login6));
    // What serves does not wait for an address that is not worth the role.
    expect(
      await until(/xcatd +unit +running/, 20_000, async () => (await hamnctl(standby, 'resources')).stdout),
    ).toMatch(/xcatd +unit +running/);
    expect(await until(/eth1, which is down/, 15_000, () => problems(standby))).toMatch(
      /eth1, which is down/,
    );
    expect(await holders(standby)).toMatchObject({ [vip4]: standby, [gateway]: standby });
    expect((await holders(standby))[login4]).toBeUndefined();
    await lab.mustExec(standby, ['ip', 'link', 'set', 'eth1', 'up']);
    await has(standby, all);
    await cluster.healthy(30_000);
  });

  it('that another host has wait for it to go, and only they', async () => {
    const { standby } = await roles();
    await must(lab.clientCommand(['ip', 'address', 'add', `${gateway}/24`, 'dev', 'eth0']));
    await switchTo(standby);
    await has(standby, without(gateway));
    expect(await until(/answers for the VIP 10\.97\.0\.10/, 15_000, () => problems(standby))).toMatch(
      /answers for the VIP 10\.97\.0\.10/,
    );
    expect(await had(standby)).toEqual(without(gateway));
    await must(lab.clientCommand(['ip', 'address', 'delete', `${gateway}/24`, 'dev', 'eth0']));
    await has(standby, all);
    await cluster.healthy(30_000);
  });
});
