import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { monotonicMs } from '../../client/log.ts';
import { debianUnit } from '../../cluster/index.ts';
import { nothingLost, useClient, writesGoOn } from './client.ts';
import { threeData, useGround } from './ground.ts';

/** Several synchronous standbys: each of them has every acknowledged write, so that any of them may take over. */
const ground = useGround(threeData);
const client = useClient(ground);
const termMs = 3000;
const unit = debianUnit(ground.lab.release.postgres);

describe('mode synchronous with two standbys', () => {
  it('records both, and the two that are left after the primary’s death have all that was acknowledged', async () => {
    const { primary, standbys } = await ground.cast();
    const from = monotonicMs();
    expect(await ground.recordedSet()).toBe('mn1,mn2,mn3');
    const names = await ground.sql(primary, 'show synchronous_standby_names');
    for (const node of standbys) expect(names).toContain(node);
    await ground.lab.powerOff(primary);
    await writesGoOn(client, 30_000);
    await ground.lab.powerOn(primary);
    await nothingLost(ground, client, from);
    expect(await ground.recordedSet()).toBe('mn1,mn2,mn3');
  });

  it('loses nothing when the primary and a standby die at once: whichever is left, or comes back, has it', async () => {
    const { primary, standbys } = await ground.cast();
    const [first = '', second = ''] = standbys;
    const from = monotonicMs();
    await writesGoOn(client, 10_000);
    await Promise.all([ground.lab.powerOff(primary), ground.lab.powerOff(first)]);
    // Of three members of etcd one is left: nobody may take over before a second one is back.
    const alone = monotonicMs() + 500;
    await sleep(2 * termMs);
    expect(client.acked(alone)).toEqual([]);
    await ground.lab.powerOn(first);
    await writesGoOn(client, 60_000);
    expect([first, second]).toContain(client.acked(alone)[0]?.node);
    await ground.lab.powerOn(primary);
    await nothingLost(ground, client, from);
  });

  it('goes on while one of its standbys is restarted, under the same term, and takes it back into the set', async () => {
    const { primary, standbys } = await ground.cast();
    const [standby = ''] = standbys;
    const from = monotonicMs();
    const before = await ground.term(primary);
    const restarted = await ground.sh(standby, `systemctl restart ${unit}`, 60_000);
    expect(restarted.code).toBe(0);
    await writesGoOn(client, 15_000);
    await ground.cast(60_000);
    expect(await ground.until(/^mn1,mn2,mn3$/, 30_000, () => ground.recordedSet())).toBe('mn1,mn2,mn3');
    expect(await ground.term(primary)).toBe(before);
    await nothingLost(ground, client, from);
  });
});

describe('mode strict with two standbys', () => {
  it('goes on with one of them, keeps refusing without any, and the waiting commits go on with the first that is back', async () => {
    await ground.change(/mode: \w+/, 'mode: strict');
    await ground.until(/strict/, 30_000, async () =>
      String((await ground.cluster.anyStatus())?.replication?.mode),
    );
    const { primary, standbys } = await ground.cast();
    const [first = '', second = ''] = standbys;
    const from = monotonicMs();
    const stop = (node: string) => ground.sh(node, `systemctl stop hamnd; systemctl stop ${unit}`, 60_000);
    await stop(first);
    await writesGoOn(client, 20_000);
    await stop(second);
    const alone = monotonicMs() + 300;
    await sleep(3 * termMs);
    expect(client.acked(alone)).toEqual([]);
    expect(await ground.sql(primary, 'show synchronous_standby_names')).not.toBe('');
    await ground.sh(second, 'systemctl start hamnd', 60_000);
    await writesGoOn(client, 60_000);
    await ground.sh(first, 'systemctl start hamnd', 60_000);
    await nothingLost(ground, client, from);
  });
});
