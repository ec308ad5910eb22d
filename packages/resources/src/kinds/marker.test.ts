import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResourceCall } from '@hamn/engine';
import { always } from '@hamn/engine';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { callOf, done, failed, looked, Scene, settingsOf } from '../testing/scene.ts';

let scene: Scene;
let etc = '';
beforeEach(() => {
  scene = new Scene();
  etc = scene.path('etc');
  mkdirSync(etc);
});
afterEach(() => scene.remove());

const call = (role: ResourceCall['role'] = 'standby'): ResourceCall => ({
  ...callOf(
    settingsOf('role-marker', {
      kind: 'marker',
      onPrimary: join(etc, 'xCATMN'),
      elsewhere: join(etc, 'xCATSN'),
    }),
  ),
  role,
});
const have = (...names: string[]): void => {
  for (const name of readdirSync(etc)) rmSync(join(etc, name), { recursive: true });
  for (const name of names) writeFileSync(join(etc, name), '');
};
const files = (): string => readdirSync(etc).sort().join(' ');

it.each([
  ['xCATSN', 'running'],
  ['xCATMN', 'promoted'],
  ['', 'stopped'],
  ['xCATMN xCATSN', 'failed'],
])('a node with "%s" is %s', async (names, level) => {
  have(...names.split(' ').filter(Boolean));
  expect(await scene.port.look(call())).toMatchObject(looked(level));
});

it.each(['', 'xCATSN', 'xCATMN', 'xCATMN xCATSN'])('"%s" ends with one file', async (names) => {
  const before = names.split(' ').filter(Boolean);
  for (let twice = 0; twice < 2; twice += 1) {
    have(...before);
    expect(await scene.port.promote(call('primary'), always)).toEqual(done);
    expect(files()).toBe('xCATMN');
    have(...before);
    expect(await scene.port.demote(call())).toEqual(done);
    expect(files()).toBe('xCATSN');
    have(...before);
    expect(await scene.port.start(call('standby'), always)).toEqual(done);
    expect(files()).toBe('xCATSN');
  }
});

it('is readable by everybody', async () => {
  const before = process.umask(0o077);
  try {
    expect(await scene.port.start(call(), always)).toEqual(done);
  } finally {
    process.umask(before);
  }
  expect(lstatSync(join(etc, 'xCATSN')).mode & 0o777).toBe(0o644);
});

it('is not made the primary’s when the term is over', async () => {
  have('xCATSN');
  expect(await scene.port.promote(call('primary'), () => false)).toMatchObject(failed('over', 'xCATMN'));
  expect(files()).toBe('xCATSN');
});

it('on the primary never looks like another node’s while it is put right', async () => {
  have('xCATMN', 'xCATSN');
  expect(await scene.port.stop(call('primary'))).toEqual(done);
  expect(await scene.port.start(call('primary'), always)).toEqual(done);
  expect(existsSync(join(etc, 'xCATMN'))).toBe(true);
  expect(await scene.port.promote(call('primary'), always)).toEqual(done);
  expect(files()).toBe('xCATMN');
});

it('needs its directory, and files that are files', async () => {
  rmSync(etc, { recursive: true });
  expect(await scene.port.demote(call())).toMatchObject(failed('unusable', 'There is no directory'));
  mkdirSync(join(etc, 'xCATMN'), { recursive: true });
  have('xCATSN');
  mkdirSync(join(etc, 'xCATMN'));
  expect(await scene.port.demote(call())).toMatchObject(failed('unusable', 'is a directory'));
});
