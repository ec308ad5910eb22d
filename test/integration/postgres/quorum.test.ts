import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { monotonicMs } from '../../client/log.ts';
import { nothingLost, useClient, writesGoOn } from './client.ts';
import { threeData, useGround } from './ground.ts';

/** Mode quorum: each write is on one of two standbys, and who takes over has heard the other one. */
const ground = useGround(threeData);
const client = useClient(ground);
const termMs = 3000;

/** The record as `hamnctl status` tells it: `quorum 1 of mn1,mn2,mn3`, the primary among them. */
const recorded = async (): Promise<string> => {
  const replication = (await ground.cluster.anyStatus())?.replication;
  const { mode, quorum, synchronous = [] } = replication ?? {};
  return `${mode} ${quorum ?? 'all'} of ${[...synchronous].sort().join()}`;
};

const all = 'mn1,mn2,mn3';

/** Each test finds the first settings, and changes the mode while clients write. */
async function changeTo(mode: string, record: string): Promise<void> {
  await ground.change(/mode: \w+/, `mode: ${mode}`);
  expect(await ground.until(new RegExp(`^${record}$`), 60_000, recorded)).toBe(record);
}

const toQuorum = (): Promise<void> => changeTo('quorum', `quorum 1 of ${all}`);

const names = (primary: string): Promise<string> => ground.sql(primary, 'show synchronous_standby_names');

describe('mode quorum', () => {
  it('is changed to and from while clients write, under one term, and nothing is lost', async () => {
    const { primary } = await ground.cast();
    const from = monotonicMs();
    const before = await ground.term(primary);
    await toQuorum();
    expect(await ground.until(/^ANY 1 /, 30_000, () => names(primary))).toMatch(/^ANY 1 /);
    await changeTo('synchronous', `synchronous all of ${all}`);
    await toQuorum();
    await changeTo('strict', `strict all of ${all}`);
    await toQuorum();
    await changeTo('asynchronous', `asynchronous all of ${primary}`);
    await changeTo('synchronous', `synchronous all of ${all}`);
    await writesGoOn(client, 10_000);
    expect(await ground.term(primary)).toBe(before);
    await nothingLost(ground, client, from);
  });

  it('tells on a standby whom it must hear before it takes over', async () => {
    await toQuorum();
    const { standbys } = await ground.cast();
    const [standby = '', other = ''] = standbys;
    const wanted = `In mode quorum it needs the word of ${other} before it takes over`;
    const says = await ground.until(new RegExp(wanted), 20_000, async () => {
      const explained = await ground.hamnctlAt(standby, 'explain');
      return `${explained.stdout}${explained.stderr}`.replaceAll(/\s+/g, ' ');
    });
    expect(says).toContain(wanted);
  });

  it('waits for no standby that stands still while another one answers, and takes it out of the record', async () => {
    await toQuorum();
    const { primary, standbys } = await ground.cast();
    const [still = '', other = ''] = standbys;
    const from = monotonicMs();
    await ground.sh(still, 'pkill -STOP -f walreceiver');
    const stopped = monotonicMs();
    // The bound is PostgreSQL's wal_sender_timeout of 5 s, two intervals, and the proof.
    const left = `quorum all of ${[primary, other].sort().join()}`;
    expect(await ground.until(new RegExp(`^${left}$`), 20_000, recorded)).toBe(left);
    const acked = client.acked(stopped).map(({ doneMs }) => doneMs);
    const longest = Math.max(0, ...acked.slice(1).map((at, index) => at - (acked[index] ?? at)));
    expect(longest).toBeLessThan(1500);
    await ground.sh(still, 'pkill -CONT -f walreceiver');
    expect(await ground.until(/^quorum 1 of mn1,mn2,mn3$/, 60_000, recorded)).toBe(`quorum 1 of ${all}`);
    await nothingLost(ground, client, from);
  });

  it('loses nothing when the primary loses its power', async () => {
    await toQuorum();
    const { primary } = await ground.cast();
    const from = monotonicMs();
    await writesGoOn(client, 10_000);
    await ground.lab.powerOff(primary);
    await writesGoOn(client, 30_000);
    await ground.lab.powerOn(primary);
    await nothingLost(ground, client, from);
    expect(await ground.until(/^quorum 1 of mn1,mn2,mn3$/, 60_000, recorded)).toBe(`quorum 1 of ${all}`);
  });

  it('loses nothing when one standby is behind as the primary loses its power: the other one leads', async () => {
    await toQuorum();
    const { primary, standbys } = await ground.cast();
    const [behind = '', ahead = ''] = standbys;
    const from = monotonicMs();
    await ground.sh(behind, 'pkill -STOP -f walreceiver');
    await writesGoOn(client, 3000);
    await ground.lab.powerOff(primary);
    // It can say nothing before its receiver has ended: until then nobody knows that it has no more.
    await ground.sh(behind, 'pkill -CONT -f walreceiver');
    const since = monotonicMs();
    await writesGoOn(client, 30_000);
    expect(client.acked(since)[0]?.node).toBe(ahead);
    await ground.lab.powerOn(primary);
    await nothingLost(ground, client, from);
  });

  it('waits for the other standby when the primary and one of the two die at once', async () => {
    await toQuorum();
    const { primary, standbys } = await ground.cast();
    const [first = ''] = standbys;
    const from = monotonicMs();
    await writesGoOn(client, 10_000);
    await Promise.all([ground.lab.powerOff(primary), ground.lab.powerOff(first)]);
    const alone = monotonicMs() + 500;
    await sleep(2 * termMs);
    expect(client.acked(alone)).toEqual([]);
    await ground.lab.powerOn(first);
    await writesGoOn(client, 60_000);
    expect(standbys).toContain(client.acked(alone)[0]?.node);
    await ground.lab.powerOn(primary);
    await nothingLost(ground, client, from);
  });

  it('hands over at once: the target has recorded that it needs nobody', async () => {
    await toQuorum();
    const { primary, standbys } = await ground.cast();
    const [to = ''] = standbys;
    const from = monotonicMs();
    const done = await ground.hamnctlAt(primary, 'switchover', '--to', to, '--yes', '--wait');
    expect(done.code).toBe(0);
    await writesGoOn(client, 10_000);
    expect((await ground.cast()).primary).toBe(to);
    await nothingLost(ground, client, from);
  });
});
