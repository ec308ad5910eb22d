import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, expect, test } from 'vitest';
import { mountedOf } from './mounts.ts';

const folder = mkdtempSync(`${tmpdir()}/hamn-mounts-`);
afterAll(() => rmSync(folder, { recursive: true }));

let tables = 0;
const table = (...lines: readonly string[]): string => {
  tables += 1;
  const path = `${folder}/${tables}`;
  writeFileSync(path, lines.map((line, at) => `${at + 20} 1 8:${at} / ${line}\n`).join(''));
  return path;
};
// Names that are on every machine stand for devices.
const install = { source: '/dev/null', target: '/install' };
const there = '/install rw shared:1 - ext4 /dev/null rw';
const targets = (...given: Parameters<typeof mountedOf>): readonly string[] | undefined =>
  mountedOf(...given)?.map(({ target }) => target);

test('a file system counts where it is to be, and wherever else it is mounted, the deepest first', () => {
  const seen = table(there, '/srv/nfs/install rw - ext4 /dev/null rw', '/ rw - ext4 /dev/zero rw');
  expect(targets([install], [seen])).toEqual(['/srv/nfs/install', '/install']);
});

test('it is known by any name of its device', () => {
  symlinkSync('/dev/null', `/dev/hamn-test-${process.pid}`);
  try {
    const other = { source: `/dev/hamn-test-${process.pid}`, target: '/x' };
    expect(targets([other], [table(there)])).toEqual(['/install']);
  } finally {
    rmSync(`/dev/hamn-test-${process.pid}`);
  }
});

test('what is mounted over it in its place is another one, and left alone', () => {
  expect(
    targets([install], [table('/install rw - ext4 /dev/zero rw', '/install/sub rw - tmpfs x rw')]),
  ).toEqual([]);
});

test.each([
  ['has no such name any more', { ...install, source: '/dev/hamn-gone' }, 'ext4 /dev/zero'],
  ['is found by a tag that udev does not know', { ...install, source: 'UUID=1-2' }, 'ext4 /dev/zero'],
  ['lies on several disks', install, 'btrfs /dev/zero'],
])('where its device %s, whatever is at its place counts', (_why, wanted, what) => {
  expect(targets([wanted], [table(`/install rw - ${what} rw`)])).toEqual(['/install']);
  expect(targets([wanted], [table('/install rw - autofs systemd-1 rw')])).toEqual([]);
});

test('one that only a namespace of its own still has, counts', () => {
  expect(targets([install], [table(), table(there)])).toEqual(['/install']);
});

test('a data set is known by its name', () => {
  const zfs = { source: 'tank/install', target: '/install/' };
  expect(targets([zfs], [table('/install rw - zfs tank/install rw')])).toEqual(['/install']);
});

test('without a table nobody can say, unless nothing is to be looked for', () => {
  expect(mountedOf([install], [table(there), `${folder}/missing`])).toBeUndefined();
  expect(mountedOf([], [`${folder}/missing`])).toEqual([]);
});
