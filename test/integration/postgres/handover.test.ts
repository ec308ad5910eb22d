import { describe, expect, it } from 'vitest';
import { monotonicMs } from '../../client/log.ts';
import { nothingLost, useClient, writesGoOn } from './client.ts';
import { threeData, useGround } from './ground.ts';

/** Switchovers that an admin schedules, and one while failover is paused. */
const ground = useGround(threeData);
const client = useClient(ground);

const inMs = (ms: number): string => `${new Date(Date.now() + ms).toISOString().slice(0, 19)}Z`;
const scheduled = async (): Promise<string> =>
  String((await ground.cluster.anyStatus())?.scheduled?.to ?? 'nothing');
const primaryNow = async (): Promise<string> => String(await ground.cluster.primary());

describe('a scheduled switchover', () => {
  it('is shown, and done at its time', async () => {
    const { primary, standbys } = await ground.cast();
    const [, to = ''] = standbys;
    const from = monotonicMs();
    const asked = await ground.hamnctl('switchover', '--to', to, '--at', inMs(8000));
    expect(asked).toMatchObject({ code: 0 });
    expect(await ground.until(new RegExp(to), 5000, scheduled)).toBe(to);
    expect(await primaryNow()).toBe(primary);
    expect(await ground.until(new RegExp(to), 40_000, primaryNow)).toBe(to);
    expect(await ground.until(/nothing/, 10_000, scheduled)).toBe('nothing');
    await nothingLost(ground, client, from);
  });

  it('is dropped when the term has changed since, and hamnctl says why', async () => {
    const { primary, standbys } = await ground.cast();
    const [to = ''] = standbys;
    const from = monotonicMs();
    expect(await ground.hamnctl('switchover', '--to', to, '--at', '+2h')).toMatchObject({
      code: 0,
      stderr: '',
    });
    await ground.lab.powerOff(primary);
    await writesGoOn(client, 30_000);
    expect(await ground.until(/nothing/, 20_000, scheduled)).toBe('nothing');
    const events = async (): Promise<string> =>
      (await ground.hamnctl('events')).stdout + (await ground.hamnctl('history')).stdout;
    const pattern = /was scheduled under term \d+, and the term is \d+ now: it was dropped/;
    expect(await ground.until(pattern, 10_000, events)).toMatch(pattern);
    await ground.lab.powerOn(primary);
    await nothingLost(ground, client, from);
  });

  it('is dropped by --cancel, and nothing moves', async () => {
    const { primary, standbys } = await ground.cast();
    const [to = ''] = standbys;
    expect(await ground.hamnctl('switchover', '--to', to, '--at', '+1h')).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(await ground.hamnctl('switchover', '--cancel')).toMatchObject({ code: 0 });
    expect(await ground.until(/nothing/, 5000, scheduled)).toBe('nothing');
    expect(await primaryNow()).toBe(primary);
  });
});

describe('while failover is paused', () => {
  it('a switchover to a named node is done, because an admin asked for just this', async () => {
    const { standbys } = await ground.cast();
    const [to = ''] = standbys;
    const from = monotonicMs();
    expect(await ground.hamnctl('pause')).toMatchObject({ code: 0 });
    expect(await ground.hamnctl('switchover', '--to', to, '--yes', '--wait')).toMatchObject({ code: 0 });
    expect(await primaryNow()).toBe(to);
    expect(await ground.hamnctl('resume')).toMatchObject({ code: 0 });
    await nothingLost(ground, client, from);
  });
});
