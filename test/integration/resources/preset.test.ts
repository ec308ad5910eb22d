import { describe, expect, it } from 'vitest';
import { makeLog } from '../../doubles/xcat-make/index.ts';
import { cluster, hamnctl, lab, problems, roles, until } from '../whole-cluster.ts';
import {
  active,
  allAnswers,
  answers,
  apply,
  everything,
  onPresetGround,
  resourcesOf,
  running,
  said,
  serving,
  units,
  whole,
} from './preset-scene.ts';

onPresetGround();

describe('preset: xcat', () => {
  it('takes the names that the node has, and says what it does not have', async () => {
    const { primary } = await roles();
    await apply(whole.replace('    resources:\n      ntp: {remove: true}\n', ''));
    const shows = async (line: RegExp): Promise<void> => {
      const shown = async (): Promise<string> => (await hamnctl(primary, 'resources')).stdout;
      expect(await until(line, 30_000, shown)).toMatch(line);
    };
    await shows(/ntp +unit, all +absent/);
    const absent =
      /The resource ntp is absent: systemd has no usable unit of these on this node: chrony.service, chronyd.service/;
    expect(await until(absent, 20_000, () => problems(primary))).toMatch(absent);
    for (const name of [
      'dhcpd +unit isc-dhcp-server',
      'nfs +unit nfs-ganesha',
      'console +unit conserver-server',
    ])
      await shows(new RegExp(`${name}.service`));
    const { term } = (await cluster.status(primary)) ?? {};
    await apply(whole);
    expect((await cluster.status(primary))?.term?.token).toBe(term?.token);
  });

  it('runs all of it on the primary, and of it only named on the standby', async () => {
    const { primary, standby } = await roles();
    expect(await until(new RegExp(`^${everything}$`), 60_000, () => running(primary))).toBe(everything);
    expect(await active(primary)).toBe(units.join(' '));
    expect(await answers(standby)).toEqual(allAnswers);
    expect(await said(primary, `sort -u ${makeLog}`)).toBe(
      [
        `makeconservercf  on ${primary}`,
        `makedhcp -a on ${primary}`,
        `makedhcp -n on ${primary}`,
        `makedns -n on ${primary}`,
      ].join('\n'),
    );
    // makedhcp and makeconservercf restart what they configure, which is no failure of it.
    const failures = (await resourcesOf(primary)).filter((one) => (one.failures ?? 0) > 0);
    expect(failures).toEqual([]);
    expect(await until(/^named$/, 20_000, () => active(standby))).toBe('named');
    expect(await running(standby)).toBe('named');
    // What hamn starts, systemd neither starts again nor at boot.
    const shown = `systemctl show -P Restart ${units.map((unit) => `${unit}.service`).join(' ')} | sort -u`;
    expect(await said(primary, shown)).toBe('no');
    expect(await said(primary, `systemctl is-enabled xcatd`)).toBe('disabled');
  });

  it('is all there after the primary lost its power, and nothing of it but named on the node that comes back', async () => {
    const { primary, standby } = await roles();
    await lab.powerOff(primary);
    expect(await until(new RegExp(`^${everything}$`), 60_000, () => running(standby))).toBe(everything);
    expect(await answers('wit1')).toMatchObject({
      dns: allAnswers.dns,
      http: allAnswers.http,
      nfs: allAnswers.nfs,
    });
    expect(await answers(standby)).toEqual(allAnswers);
    await lab.powerOn(primary);
    await cluster.healthy(60_000);
    expect(await until(/^named$/, 20_000, () => active(primary))).toBe('named');
    const { entries } = JSON.parse((await hamnctl(standby, 'history', '--json')).stdout);
    const names = entries.at(-1).resources.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining([...serving]));
  });
});
