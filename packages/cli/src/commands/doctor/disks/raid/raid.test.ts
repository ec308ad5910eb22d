import { describe, expect, it } from 'vitest';
import type { Finding } from '../../finding.ts';
import {
  arcconf,
  mdadmDetail,
  mdFailed,
  mdRebuilt,
  mdSyncing,
  mdstat,
  mdWhole,
  ssacli,
  storcli,
  storcliNone,
} from '../testing/tools.ts';
import { tree } from '../testing/tree.ts';
import { readArcconf } from './arcconf.ts';
import { checkMdraid } from './check-mdraid.ts';
import { checkControllers } from './controllers.ts';
import { parseMdstat } from './mdstat.ts';
import { checkSmart, readHealth } from './smart.ts';
import { readSsacli } from './ssacli.ts';
import { readStorcli } from './storcli.ts';

const texts = (findings: readonly Finding[] | undefined): readonly string[] | undefined =>
  findings?.map(({ level, what }) => `${level}: ${what}`);

describe('software RAID', () => {
  const check = async (text: string): Promise<readonly string[] | undefined> => {
    const machine = tree({ '/proc/mdstat': text }, { 'mdadm --detail /dev/md1': mdadmDetail });
    return texts(await checkMdraid(machine));
  };

  it('is whole, degraded, rebuilt or synchronised', async () => {
    expect(await check(mdstat(mdWhole, mdFailed, mdRebuilt, mdSyncing))).toEqual([
      'ok: The software RAID /dev/md0 (raid1) is whole.',
      'error: The software RAID /dev/md1 "mn1:data" (raid1) is degraded: 1 of 2 members work; gone: /dev/sdb2, the one in place 1.',
      'error: The software RAID /dev/md2 (raid1) is degraded: 1 of 2 members work, and is rebuilt (12.6 %).',
      'warning: The software RAID /dev/md3 (raid1) is synchronised (it waits for another array).',
    ]);
  });

  it.each([
    ['md127 : inactive sdb[1](S) sda[0](S)\n      5552 blocks super external:imsm', []],
    [
      'md5 : inactive sdb1[1](S)\n      1048512 blocks super 1.2',
      ['error: The software RAID /dev/md5 is inactive.'],
    ],
    [
      'md6 : active raid0 sdb5[1] sda5[0]\n      1048512 blocks super 1.2 512k chunks',
      ['warning: The software RAID /dev/md6 (raid0) has no copies.'],
    ],
    [
      'md7 : active (auto-read-only) raid1 sdb6[1] sda6[0]\n      1048512 blocks [2/2] [UU]\n      [>...]  check =  0.4% (1/2)',
      ['ok: The software RAID /dev/md7 (raid1) is whole.'],
    ],
  ])('is told: %s', async (array, findings) => {
    expect(await check(mdstat(array))).toEqual(findings);
  });

  it.each([
    '',
    'nonsense\n',
    mdstat('md0 : active raid1 sdb1[1]\n      no figures here'),
    mdstat('md0 is quite well'),
  ])('is not taken for well where it is not understood: %j', async (text) => {
    expect(await check(text)).toEqual([
      'warning: /proc/mdstat could not be read: it does not look as expected.',
    ]);
  });

  it('may be none', async () => {
    expect(await check('Personalities : \nunused devices: <none>\n')).toBeUndefined();
    expect(await checkMdraid(tree({}))).toBeUndefined();
    expect(parseMdstat('Personalities : [raid1]\nunused devices: <none>\n')).toEqual([]);
  });
});

describe('what a controller’s tool says', () => {
  const sick = (parts: ReturnType<typeof readStorcli>): readonly string[] | undefined =>
    parts
      ?.filter(({ level }) => level !== 'ok')
      .map(({ what, state, level }) => `${level} ${what}: ${state}`);

  it('is read: storcli and perccli', () => {
    expect(readStorcli(storcli('Optl', 'Onln'))).toHaveLength(4);
    expect(sick(readStorcli(storcli('Optl', 'Onln')))).toEqual([]);
    expect(sick(readStorcli(storcli('Dgrd', 'Rbld')))).toEqual([
      'error virtual drive 0/0 (RAID1) of controller 0: Dgrd',
      'warning disk 32:1 of controller 0: Rbld',
    ]);
    expect(sick(readStorcli(storcli('Optl', 'Novel')))).toEqual(['warning disk 32:1 of controller 0: Novel']);
    expect(readStorcli(storcliNone)).toEqual([]);
  });

  it('is read: ssacli', () => {
    const on = 'Smart Array P440ar in Slot 0';
    expect(readSsacli(ssacli(' (SAS, Unused Space: 0  MB)', 'OK', 'OK'))).toHaveLength(4);
    expect(sick(readSsacli(ssacli(' (SAS, Unused Space: 0  MB)', 'OK', 'OK')))).toEqual([]);
    expect(sick(readSsacli(ssacli(' (Failed)', 'Interim Recovery Mode', 'Failed')))).toEqual([
      `error array A of ${on}: Failed`,
      `error logical drive 1 (RAID 1) of ${on}: Interim Recovery Mode`,
      `error disk 1I:1:2 of ${on}: Failed`,
    ]);
    expect(sick(readSsacli(ssacli('', 'Recovering, 45% complete', 'OK')))).toEqual([
      `warning logical drive 1 (RAID 1) of ${on}: Recovering, 45% complete`,
    ]);
    expect(readSsacli('\nError: No controllers detected. Possible causes:\n')).toEqual([]);
  });

  it('is read: arcconf', () => {
    expect(readArcconf(arcconf('Optimal', 'Online'))).toHaveLength(4);
    expect(sick(readArcconf(arcconf('Optimal', 'Online')))).toEqual([]);
    expect(sick(readArcconf(arcconf('Degraded', 'Failed')))).toEqual([
      'error logical device 0: Degraded',
      'error disk 1: Failed',
    ]);
    expect(sick(readArcconf(arcconf('Impacted', 'Rebuilding')))).toEqual([
      'warning logical device 0: Impacted',
      'warning disk 1: Rebuilding',
    ]);
    expect(readArcconf('Controllers found: 0\n')).toEqual([]);
  });

  it.each([
    '',
    'segmentation fault',
    '{}',
    '{"Controllers":[]',
    'Controllers found: 1\n',
    'Smart Array P4 in Slot 0\n',
  ])('is not understood: %j', (text) => {
    for (const read of [readStorcli, readSsacli, readArcconf]) expect(read(text)).toBeUndefined();
  });

  it('becomes findings; a tool that is missing or silent is one, too', async () => {
    const path = '/opt/MegaRAID/perccli/perccli64';
    const machine = tree({ [path]: '' }, { [`${path} /call show J`]: storcli('Dgrd', 'Onln') });
    const [finding] = (await checkControllers(machine)) ?? [];
    expect(finding).toMatchObject({
      level: 'error',
      what: 'The virtual drive 0/0 (RAID1) of controller 0 is in the state Dgrd.',
    });
    expect(finding?.mend).toContain(`\n${path} /call show J`);
    const silent = tree({
      '/sys/bus/pci/drivers/hpsa/0000:03:00.0': '',
      '/usr/sbin/arcconf': '',
      '/sys/bus/pci/drivers/megaraid_sas/bind': '',
    });
    expect(texts(await checkControllers(silent))).toEqual([
      'warning: There is a RAID controller here (driver hpsa), and no ssacli: the disks could not be read.',
      'warning: /usr/sbin/arcconf did not end within 20 s: the disks could not be read.',
    ]);
    expect(await checkControllers(tree({}))).toBeUndefined();
  });
});

describe('what disks say of themselves', () => {
  it.each([
    ['{"smart_status":{"passed":true}}', 'passed'],
    ['{"smart_status":{"passed":false}}', 'failed'],
    ['{"smart_support":{"available":false}}', 'none'],
    ['{"smartctl":{"exit_status":2}}', 'unread'],
    ['SMART overall-health self-assessment test result: PASSED\n', 'passed'],
    ['SMART Health Status: OK\n', 'passed'],
    ['SMART overall-health self-assessment test result: FAILED!\n', 'failed'],
    ['', 'unread'],
  ])('%s', (text, health) => {
    expect(readHealth(text)).toBe(health);
  });

  it('is asked of each', async () => {
    const machine = tree(
      {},
      {
        'smartctl --scan -j':
          '{"devices":[{"name":"/dev/sda","type":"scsi"},{"name":"/dev/bus/0","type":"megaraid,1"},{"name":"/dev/sdb","type":"scsi"}]}',
        'smartctl -H -j -d scsi /dev/sda': '{"smart_status":{"passed":true}}',
        'smartctl -H -j -d megaraid,1 /dev/bus/0': { code: 8, stdout: '{"smart_status":{"passed":false}}' },
      },
    );
    expect(texts(await checkSmart(machine))).toEqual([
      'ok: The disk /dev/sda says that it is well.',
      'error: The disk /dev/bus/0 (megaraid,1) says that it is about to fail.',
      'warning: What the disk /dev/sdb says of itself could not be read.',
    ]);
    expect(texts(await checkSmart(tree({})))).toEqual([
      'warning: smartctl is not installed, or did not end.',
    ]);
  });
});
