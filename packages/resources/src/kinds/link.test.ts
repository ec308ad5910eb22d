import { lstatSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { always } from '@hamn/engine';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { callOf, done, failed, looked, Scene, settingsOf } from '../testing/scene.ts';

let scene: Scene;
let path = '';
beforeEach(() => {
  scene = new Scene();
  path = scene.path('etc-xcat');
});
afterEach(() => scene.remove());

// What it points to is never looked at: here it does not exist.
const to = '/nonexistent/shared/etc/xcat';
const call = () => callOf(settingsOf('link', { kind: 'link', path, to }));

it('is made where nothing was, and taken away', async () => {
  expect(await scene.port.look(call())).toMatchObject(looked('stopped'));
  expect(await scene.port.start(call(), () => false)).toMatchObject(failed('over', 'was linked'));
  expect(lstatSync(path, { throwIfNoEntry: false })).toBeUndefined();
  for (let twice = 0; twice < 2; twice += 1) {
    expect(await scene.port.start(call(), always)).toEqual(done);
    expect(readlinkSync(path)).toBe(to);
  }
  expect(await scene.port.look(call())).toMatchObject(looked('running'));
  for (let twice = 0; twice < 2; twice += 1) {
    expect(await scene.port.stop(call())).toEqual(done);
    expect(lstatSync(path, { throwIfNoEntry: false })).toBeUndefined();
  }
});

it.each([
  [
    'a directory',
    () => {
      mkdirSync(path);
      writeFileSync(`${path}/cfgloc`, 'mine');
    },
    () => readFileSync(`${path}/cfgloc`, 'utf8'),
  ],
  ['a file', () => writeFileSync(path, 'mine'), () => readFileSync(path, 'utf8')],
  ['another link', () => symlinkSync('mine', path), () => readlinkSync(path)],
])('keeps %s beside it and brings it back', async (_, make, read) => {
  make();
  expect(await scene.port.start(call(), always)).toEqual(done);
  expect(readlinkSync(path)).toBe(to);
  expect(lstatSync(`${path}.hamn-saved`, { throwIfNoEntry: false })).toBeDefined();
  expect(await scene.port.stop(call())).toEqual(done);
  expect(read()).toBe('mine');
  expect(lstatSync(`${path}.hamn-saved`, { throwIfNoEntry: false })).toBeUndefined();
});

it('never overwrites what was saved before', async () => {
  writeFileSync(path, 'new');
  writeFileSync(`${path}.hamn-saved`, 'old');
  expect(await scene.port.start(call(), always)).toMatchObject(failed('unusable', 'only once'));
  expect([readFileSync(path, 'utf8'), readFileSync(`${path}.hamn-saved`, 'utf8')]).toEqual(['new', 'old']);
});

it('leaves what an admin put in its place', async () => {
  expect(await scene.port.start(call(), always)).toEqual(done);
  expect(await scene.port.stop(call())).toEqual(done);
  writeFileSync(path, "the admin's");
  expect(await scene.port.stop(call())).toEqual(done);
  expect(readFileSync(path, 'utf8')).toBe("the admin's");
});

it('is finished after a crash in between', async () => {
  mkdirSync(`${path}.hamn-saved`);
  symlinkSync('half', `${path}.hamn-new`);
  expect(await scene.port.start(call(), always)).toEqual(done);
  expect(readlinkSync(path)).toBe(to);
  expect(await scene.port.stop(call())).toEqual(done);
  expect(lstatSync(path).isDirectory()).toBe(true);
});

it('needs the directory that it is to be in', async () => {
  const lost = callOf(settingsOf('link', { kind: 'link', path: scene.path('none/link'), to }));
  expect(await scene.port.start(lost, always)).toMatchObject(failed('unusable', 'is no directory'));
  expect(await scene.port.stop(lost)).toEqual(done);
});
