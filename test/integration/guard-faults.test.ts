import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { profiles } from '@hamn/core';
import { bootClock, processesIn } from '@hamn/linux';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makePackage } from '../../deploy/package/make-package.ts';
import { Cluster, vip4, waitFor } from '../cluster/index.ts';
import { ensureHostPackages } from '../lab/host-packages.ts';
import { Lab, LabFaults, type ProcessName, type RunResult } from '../lab/index.ts';
import { nodeCgroup } from '../lab/site.ts';

/**
 * One management node with its etcd beside it, so that nobody takes over and nothing else explains what is gone: whatever happens to hamnd,
 * systemd and the disks, the guard makes the node harmless in time. When the fault is over the node takes its own term back.
 */
const node = 'mn1';
const disks = ['/var/lib/hamn', '/var/lib/postgresql', '/'] as const;
const lab = new Lab({
  name: process.env['HAMN_LAB'] ?? 'hamnlab-guard',
  volumes: [
    { path: '/', mb: 4096 },
    { path: '/var/lib/hamn', mb: 64 },
    { path: '/var/lib/postgresql', mb: 2048 },
  ],
});
const cluster = new Cluster(lab, { data: [node], witness: undefined, services: false });
const faults = new LabFaults(lab);

const { marginMs } = profiles.default;
/** What a busy machine may add before the host has looked. */
const slackMs = 3000;
const hamnd: ProcessName = { named: 'hamnd' };

/** What ends the faults of a test, in the order in which it is to be done. */
const ends: (() => Promise<unknown> | unknown)[] = [];

beforeAll(async () => {
  await ensureHostPackages(() => undefined);
  await cluster.up(await makePackage(), { fresh: true });
});
afterEach(heal);
afterAll(() => lab.down({ wipe: true }));

async function heal(): Promise<void> {
  for (const end of ends.splice(0)) await end();
}

async function stop(name: ProcessName): Promise<void> {
  const stopped = await faults.stop(node, name);
  ends.push(() => faults.letGo(stopped));
}

const sh = (command: string, timeoutMs = 20_000): Promise<RunResult> =>
  lab.exec(node, ['sh', '-c', command], { timeoutMs });

/** Where it is not, the node itself says why. */
async function healthy(): Promise<void> {
  try {
    await cluster.healthy(60_000);
  } catch (error) {
    const { stdout } = await sh('hamnctl explain; hamnctl events | tail -40');
    throw new Error(`${String(error)}\n${stdout}`);
  }
}

/** What the host sees of the node, without a word of hamn's. */
class HostView {
  readonly #proc: string;
  readonly #postgres: string;

  private constructor(init: number, group: string) {
    this.#proc = `/proc/${init}`;
    this.#postgres = join(group, 'system.slice/system-postgresql.slice/postgresql@15-main.service');
  }

  static async now(): Promise<HostView> {
    const [status] = (await lab.status()).filter((each) => each.node === node);
    return new HostView(status?.initPid ?? 0, nodeCgroup(await lab.site(), node));
  }

  hasVip(): boolean {
    return readFileSync(`${this.#proc}/net/fib_trie`, 'utf8').includes(`${vip4}\n`);
  }

  /** A process that waits for a hanging disk in the kernel (state D) cannot be killed, and acknowledges nothing. */
  postgresCanRun(): boolean {
    return processesIn(this.#postgres).some((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
        return !/^[DZX] /.test(stat.slice(stat.lastIndexOf(')') + 2));
      } catch {
        return false;
      }
    });
  }

  record(): { readonly token: number; readonly deadline: number } {
    return JSON.parse(readFileSync(`${this.#proc}/root/run/hamn/guard.json`, 'utf8')).record;
  }
}

/** The node is a healthy primary before and after. */
async function survive({ begin }: { readonly begin: () => Promise<unknown> }): Promise<void> {
  await healthy();
  const host = await HostView.now();
  expect([host.hasVip(), host.postgresCanRun()]).toEqual([true, true]);
  await begin();
  const harmlessAt = await waitFor(20_000, 5, () =>
    Promise.resolve(host.hasVip() || host.postgresCanRun() ? undefined : bootClock.now()),
  );
  const { deadline, token } = host.record();
  console.log(`harmless ${Math.round((harmlessAt ?? Number.NaN) - deadline)} ms after the deadline`);
  expect(harmlessAt).toBeDefined();
  expect((harmlessAt ?? 0) - deadline).toBeLessThan(marginMs + slackMs);
  await heal();
  // hamnctl may still show what the node wrote of itself before.
  const again = await waitFor(60_000, 100, () =>
    Promise.resolve(host.record().token > token ? host.record().token : undefined),
  );
  expect(again).toBeGreaterThan(token);
  await healthy();
  // A hamnd that saw it happen tells it in its own words, once; otherwise the guard's note is told.
  const told = `This node was made harmless.*The deadline of term ${token} passed`;
  const events = await waitFor(10_000, 250, async () => {
    const { stdout } = await sh('hamnctl events');
    return new RegExp(told).test(stdout) ? stdout : undefined;
  });
  expect(events?.match(new RegExp(told, 'g'))).toHaveLength(1);
}

describe('the guard acts in time', () => {
  it('when hamnd stands still', () => survive({ begin: () => stop(hamnd) }));

  it('when hamnd is in an endless loop', () =>
    survive({
      begin: async () => {
        await lab.writeFile(node, '/opt/loop.mjs', 'process.on("SIGUSR2", () => { for (;;); });\n');
        const dropIn = '/run/systemd/system/hamnd.service.d';
        const unit = '[Service]\nEnvironment=NODE_OPTIONS=--import=/opt/loop.mjs\n';
        ends.push(() => sh(`rm -r ${dropIn}; systemctl daemon-reload; systemctl kill -s KILL hamnd`));
        await sh(`mkdir -p ${dropIn}`);
        await lab.writeFile(node, `${dropIn}/loop.conf`, unit);
        await sh('systemctl daemon-reload; systemctl restart hamnd');
        await healthy();
        await sh('systemctl kill -s USR2 hamnd');
      },
    }));

  it('when the machine is busy beyond measure', () =>
    survive({
      begin: async () => {
        const loops = 'for i in $(seq 32); do (while :; do :; done) & done; wait';
        await lab.writeFile(node, '/opt/busy.sh', loops);
        ends.push(() => sh('systemctl kill -s KILL busy.service'));
        expect((await sh('systemd-run -q --unit=busy sh /opt/busy.sh')).code).toBe(0);
        await stop(hamnd);
      },
    }));

  it('when systemd stands still and hamnd is killed, so that nobody starts it again', () =>
    survive({
      begin: async () => {
        await stop('init');
        await faults.kill(node, hamnd);
      },
    }));

  it('when the message bus stands still', () =>
    survive({
      begin: async () => {
        await stop({ named: 'dbus' });
        await stop(hamnd);
      },
    }));

  it('when every disk and /run are full', () =>
    survive({
      begin: async () => {
        for (const disk of disks) {
          ends.push(() => faults.empty(node, disk));
          await faults.fill(node, disk);
        }
        ends.push(() => sh('rm -f /run/ballast; mount -o remount,size=50% /run'));
        // etcd ends on a full disk, and its own unit may leave it at that.
        ends.push(() => sh('systemctl reset-failed etcd; systemctl start etcd', 60_000));
        const shrink = 'mount -o remount,size=$(( $(df -m --output=used /run | tail -1) + 8 ))m /run';
        expect(await sh(shrink)).toMatchObject({ code: 0 });
        // What others remove meanwhile (the journal, a unit that ends) is filled up again.
        const full = await waitFor(10_000, 50, async () => {
          await sh('cat /dev/zero >> /run/ballast');
          return (await sh('echo x > /run/hamn/x')).code === 0 ? undefined : true;
        });
        expect(full).toBe(true);
        await stop(hamnd);
      },
    }));

  it('when every disk hangs', () =>
    survive({
      begin: async () => {
        for (const disk of disks) ends.unshift(() => faults.unhang(node, disk));
        await stop(hamnd);
        for (const disk of disks) await faults.hang(node, disk);
      },
    }));
});

describe('without a guard', () => {
  it('hamnd promotes nothing, and says why', async () => {
    await healthy();
    ends.push(() => sh('systemctl start hamn-guard'));
    expect((await sh('systemctl stop hamn-guard')).code).toBe(0);
    const host = await HostView.now();
    const { token, deadline } = host.record();
    // Until the deadline hamnd may put the VIP back; it is its own.
    await waitFor(20_000, 20, () =>
      Promise.resolve(host.hasVip() || bootClock.now() < deadline ? undefined : true),
    );
    expect(host.hasVip()).toBe(false);
    // PostgreSQL may run, as a standby. Its own term is there for the taking at once, and by silence after T.
    const seen = await waitFor(15_000, 250, async () => {
      const status = await cluster.status(node);
      const [own] = status?.nodes ?? [];
      return own?.candidacy?.reasons.includes('hamn-guard does not answer on it.') === true ? own : undefined;
    });
    expect(seen?.role).not.toBe('primary');
    const until = bootClock.now() + 2 * profiles.default.termMs;
    await waitFor(20_000, 50, () => {
      expect(host.hasVip()).toBe(false);
      return Promise.resolve(bootClock.now() > until ? true : undefined);
    });
    const server = await sh('runuser -u postgres -- psql -qAtX -c "select pg_is_in_recovery()"');
    expect(server.stdout.trim()).not.toBe('f');
    expect(host.record().token).toBe(token);
    await heal();
    await healthy();
  });
});

describe('what a crash left', () => {
  it('a VIP is removed at the start of the guard, and at that of hamnd', async () => {
    await healthy();
    const host = await HostView.now();
    ends.push(() => sh('systemctl start hamn-guard hamnd'));
    const leave = () => sh(`ip address add ${vip4}/32 dev eth0`);
    const isGone = () => waitFor(10_000, 20, () => Promise.resolve(host.hasVip() ? undefined : true));
    // Stopped for good, hamnd hands over: with nobody to hand over to it is made harmless.
    expect((await sh('systemctl stop hamnd; systemctl stop hamn-guard', 150_000)).code).toBe(0);
    await leave();
    expect(host.hasVip()).toBe(true);
    await sh('systemctl start hamn-guard');
    expect(await isGone()).toBe(true);
    await sh('systemctl stop hamn-guard');
    await leave();
    await sh('systemctl start hamnd');
    expect(await isGone()).toBe(true);
  });
});
