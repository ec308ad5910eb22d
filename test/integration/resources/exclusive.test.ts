import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePackage } from '../../../deploy/package/make-package.ts';
import { Cluster, waitFor } from '../../cluster/index.ts';
import { ensureHostPackages } from '../../lab/host-packages.ts';
import { Lab, LabFaults, type RunResult } from '../../lab/index.ts';

/** A file system that one node alone may have, on the whole product: the confined guard has the real systemd unmount it. */
const node = 'mn1';
const target = '/srv/lun';
const lab = new Lab({ name: process.env['HAMN_LAB'] ?? 'hamnlab-exclusive' });
const cluster = new Cluster(lab, { data: [node], witness: undefined, services: false });
const faults = new LabFaults(lab);

const sh = (command: string, timeoutMs = 20_000): Promise<RunResult> =>
  lab.exec(node, ['sh', '-c', command], { timeoutMs });
const must = async (command: string): Promise<string> => {
  const { code, stdout, stderr } = await sh(command);
  if (code !== 0) throw new Error(`${command}: exit code ${code}. ${stderr}`);
  return stdout.trim();
};
const isMounted = async (): Promise<boolean> => (await sh(`mountpoint -q ${target}`)).code === 0;
const becomes = async (mounted: boolean, limitMs: number): Promise<boolean> =>
  (await waitFor(limitMs, 50, async () => ((await isMounted()) === mounted ? true : undefined))) === true;
const guardSays = (): Promise<string> => must('cat /run/hamn/guard.json');

let device = '';

beforeAll(async () => {
  await ensureHostPackages(() => undefined);
  await cluster.up(await makePackage(), { fresh: true });
  await must(`mkdir -p ${target}; truncate -s 64M /root/lun.img; mkfs.ext4 -q /root/lun.img`);
  await must('for n in $(seq 0 31); do test -e /dev/loop$n || mknod /dev/loop$n b 7 $n; done');
  await must('test -e /dev/loop-control || mknod /dev/loop-control c 10 237');
  device = await must('losetup --find --show /root/lun.img');
  const before = await must('hamnctl config show');
  const lun = `    resources:\n      lun: {kind: mount, source: ${device}, target: ${target}, type: ext4, unfenced: true}\n`;
  await lab.writeFile(node, '/root/lun.yaml', `${before}\n${lun}`, 0o600);
  await must('hamnctl config apply /root/lun.yaml --yes');
});
afterAll(async () => {
  await sh(`systemctl stop hamnd hamn-guard; umount ${target}; losetup --detach ${device}`);
  await lab.down({ wipe: true });
});

describe('what one node alone may have mounted', () => {
  it('comes with the role, and goes by the guard alone when hamnd stands still', async () => {
    expect(await becomes(true, 30_000)).toBe(true);
    expect(JSON.parse(await must('cat /run/hamn/guard-plan.json'))).toMatchObject({
      mounts: [{ source: device, target }],
    });
    const stopped = await faults.stop(node, { named: 'hamnd' });
    expect(await becomes(false, 20_000)).toBe(true);
    const phase = await waitFor(10_000, 50, async () =>
      (await guardSays()).includes('"phase":"harmless"') ? 'harmless' : undefined,
    );
    const { lastAct } = JSON.parse(await guardSays());
    console.log(`harmless and unmounted within ${lastAct.tookMs} ms`);
    expect(phase).toBe('harmless');
    expect(lastAct).toMatchObject({ verified: true });
    await faults.letGo(stopped);
    expect(await becomes(true, 60_000)).toBe(true);
    await cluster.healthy(60_000);
  });

  it('keeps the node from the role while something holds it, and says what', async () => {
    const holder = await must(`cd ${target}; setsid sleep 600 >/dev/null 2>&1 & echo $!`);
    const stopped = await faults.stop(node, { named: 'hamnd' });
    const why = await waitFor(20_000, 100, async () =>
      /Still there: [^"]*/.exec(await guardSays())?.[0].includes(target) === true
        ? /Still there: [^"]*/.exec(await guardSays())?.[0]
        : undefined,
    );
    console.log(why);
    expect(why).toContain(`${device} on ${target}`);
    expect(await guardSays()).toContain('"phase":"failed"');
    await must(`kill ${holder}`);
    expect(await becomes(false, 20_000)).toBe(true);
    await faults.letGo(stopped);
    expect(await becomes(true, 60_000)).toBe(true);
  });
});
