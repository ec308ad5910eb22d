import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bringUp, hamnctl, lab, type Roles, roles, sh, until } from './whole-cluster.ts';

/** A machine that is not the node that its files name: it takes no part, says why, and is back when that is put right. */
let now: Roles;
beforeAll(async () => {
  await bringUp();
  now = await roles();
});
afterAll(() => lab.down());

const explained = async (): Promise<string> =>
  (await hamnctl(now.standby, 'explain')).stdout.replace(/\s+/g, ' ');
const running = async (): Promise<string> =>
  (await sh(now.standby, 'systemctl is-active postgresql@15-main.service')).stdout.trim();

/** It says why, its database stays down (where it is not known whose it is), and the primary goes on alone. */
async function refused(reason: RegExp): Promise<void> {
  expect(await until(reason, 40_000, explained)).toMatch(reason);
  const { primary } = now;
  expect((await hamnctl(primary, 'status')).stdout).toMatch(new RegExp(`${primary}\\s+primary`));
}

describe('a standby', () => {
  it('whose disk was cloned is refused, until an admin accepts the machine', async () => {
    const mac = (await sh(now.standby, 'cat /sys/class/net/eth0/address')).stdout.trim();
    const set = (address: string) =>
      sh(
        now.standby,
        `systemctl stop hamnd; ip link set eth0 address ${address}; systemctl start hamnd`,
        60_000,
      );
    await set('52:54:00:aa:bb:cc');
    await refused(
      new RegExp(
        `not the machine that ${now.standby} was set up on .its network cards are 52:54:00:aa:bb:cc, they were ${mac}`,
      ),
    );
    expect(await until(/^inactive|^failed/, 20_000, running)).not.toBe('active');
    const accepted = await hamnctl(now.standby, 'accept-machine', '--yes');
    expect(accepted).toMatchObject({ code: 0 });
    now = await roles();
    expect((await hamnctl(now.standby, 'accept-machine', '--yes')).stderr).toContain('set up on');
    await set(mac);
    await refused(/not the machine/);
    expect(await hamnctl(now.standby, 'accept-machine', '--yes')).toMatchObject({ code: 0 });
    now = await roles();
  });

  it('that was given another node’s file is refused', async () => {
    const own = '/etc/hamn/hamn.yaml';
    const other = await lab.mustExec(now.primary, ['cat', own]);
    const mine = await lab.mustExec(now.standby, ['cat', own]);
    const become = async (text: string): Promise<void> => {
      await sh(now.standby, 'systemctl stop hamnd', 60_000);
      await lab.writeFile(now.standby, own, text, 0o600);
      await sh(now.standby, 'systemctl start hamnd', 60_000);
    };
    await become(other);
    await refused(new RegExp(`address of ${now.primary} is not on this machine`));
    await become(mine.replace(`node: ${now.standby}`, `node: ${now.primary}`));
    await refused(new RegExp(`The address of ${now.primary} is .* in the node file, but`));
    await become(mine);
    now = await roles();
  });

  it('that finds another cluster of the same name in etcd is refused', async () => {
    const etcd = `ETCDCTL_API=3 etcdctl --endpoints https://$(ip -4 -o address show eth0 | awk '{print $4}' | cut -d/ -f1 | head -1):2379 --cacert /etc/hamn/tls/ca.crt --cert /etc/hamn/tls/node.crt --key /etc/hamn/tls/node.key`;
    const key = (
      await sh(now.primary, `${etcd} get --prefix --keys-only /hamn/ | grep /identity`)
    ).stdout.trim();
    const own = (await sh(now.primary, `${etcd} get --print-value-only ${key}`)).stdout.trim();
    expect(own).toMatch(/"id":/);
    const other = JSON.stringify({ id: 'another-cluster', by: 'mn1', atWallMs: 0 });
    expect((await sh(now.primary, `${etcd} put ${key} '${other}'`)).code).toBe(0);
    await refused(/etcd holds another group under the same name: its identity is another-cluster/);
    expect(await until(/^inactive|^failed/, 20_000, running)).not.toBe('active');
    expect((await sh(now.primary, `${etcd} put ${key} '${own}'`)).code).toBe(0);
    now = await roles();
  });
});
