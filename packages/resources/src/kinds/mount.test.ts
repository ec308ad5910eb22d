import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { MountResource } from '@hamn/core';
import { always } from '@hamn/engine';
import { MountNamespace, until } from '@hamn/linux/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callOf, done, failed, looked, Scene, settingsOf } from '../testing/scene.ts';

/** Real mounts, in a mount namespace of its own: every program enters it, and ends with it. */
const space = new MountNamespace();
const { launcher, table } = space;
const scene = new Scene({ launcher, mountTable: table });
const target = scene.path('mounted');
let device = '';

beforeAll(async () => {
  mkdirSync(target);
  device = space.ext4Device(scene.path('image'));
  await space.ready();
});

afterAll(async () => {
  await space.remove();
  await scene.remove();
});

const mount = (more: Partial<MountResource> = {}) =>
  settingsOf('data', { kind: 'mount', source: device, target, type: 'ext4', options: [], ...more });
const isMounted = (): boolean => space.isMounted(target);

describe('a file system', () => {
  it('is mounted, looked at and unmounted', async () => {
    const call = callOf(mount());
    expect(await scene.port.look(call)).toMatchObject(looked('stopped'));
    expect(await scene.port.start(call, () => false)).toMatchObject(failed('over', 'term ended'));
    expect(isMounted()).toBe(false);
    expect(await scene.port.start(call, always)).toEqual(done);
    expect(isMounted()).toBe(true);
    expect(await scene.port.start(call, always)).toEqual(done);
    expect(await scene.port.look(call)).toMatchObject(looked('running'));
    expect(await scene.port.stop(call)).toEqual(done);
    expect(isMounted()).toBe(false);
    expect(await scene.port.stop(call)).toEqual(done);
  });

  it('that is held is told with its holder, and freed by a kill', async () => {
    const call = callOf(mount());
    expect(await scene.port.start(call, always)).toEqual(done);
    const holder = space.spawn('sh', '-c', `cd ${target} && exec sleep 600`);
    const cwd = `/proc/${holder.pid}/comm`;
    await until('it is held', () => readFileSync(cwd, 'utf8') === 'sleep\n');
    const busy = new RegExp(`It is held by sleep \\(${holder.pid}\\) by its working directory\\.$`);
    expect(await scene.port.stop(call)).toMatchObject(failed('failed', busy));
    expect(isMounted()).toBe(true);
    const gone = new Promise((resolve) => holder.once('exit', (_, signal) => resolve(signal)));
    expect(await scene.port.kill(call)).toEqual(done);
    expect(await gone).toBe('SIGKILL');
    expect(isMounted()).toBe(false);
  });

  it('with another one below it is told', async () => {
    const call = callOf(mount());
    expect(await scene.port.start(call, always)).toEqual(done);
    space.run('mkdir', '-p', `${target}/sub`);
    space.run('mount', '-t', 'tmpfs', 'none', `${target}/sub`);
    expect(await scene.port.stop(call)).toMatchObject(failed('failed', `mounted below it: ${target}/sub`));
    space.run('umount', `${target}/sub`);
    expect(await scene.port.stop(call)).toEqual(done);
  });

  it('that the kernel made read-only has failed', async () => {
    const call = callOf(mount());
    expect(await scene.port.start(call, always)).toEqual(done);
    space.run('mount', '-o', 'remount,ro', target);
    expect(await scene.port.look(call)).toMatchObject({
      ok: true,
      value: { level: 'failed', reason: expect.stringContaining('can only be read') },
    });
    expect(await scene.port.stop(call)).toEqual(done);
  });

  it('of another source is not taken for ours, and left alone', async () => {
    space.run('mount', '-t', 'tmpfs', 'other', target);
    const call = callOf(mount());
    expect(await scene.port.look(call)).toMatchObject({
      ok: true,
      value: { level: 'stopped', reason: `other (tmpfs) is mounted on ${target}, and not ${device}.` },
    });
    expect(await scene.port.start(call, always)).toMatchObject(failed('failed', 'Unmount it.'));
    expect(await scene.port.stop(call)).toEqual(done);
    expect(isMounted()).toBe(true);
    space.run('umount', target);
  });

  it('is found by its UUID', async () => {
    const uuid = space.run('blkid', '-s', 'UUID', '-o', 'value', device);
    const call = callOf(mount({ source: `UUID=${uuid}` }));
    const started = await scene.port.start(call, always);
    // Only udev makes the names by which it is found again.
    expect(started.ok || started.error.code === 'failed').toBe(true);
    space.run('umount', target);
  });

  it('needs a directory that is there', async () => {
    const missing = scene.path('missing');
    const remedy = `The directory ${missing} is not there. Create it: mkdir -p ${missing}.`;
    expect(await scene.port.start(callOf(mount({ target: missing })), always)).toMatchObject(
      failed('unusable', remedy),
    );
    symlinkSync(target, scene.path('link'));
    expect(await scene.port.start(callOf(mount({ target: scene.path('link') })), always)).toMatchObject(
      failed('unusable', 'is a symbolic link'),
    );
  });

  it('that cannot be mounted says what mount said', async () => {
    const call = callOf(mount({ source: '/nonexistent/device' }));
    expect(await scene.port.start(call, always)).toMatchObject(
      failed('failed', /exit code 32\. It said: .*nonexistent/),
    );
  });
});

/** A stat that never ends where it is called with this flag stands for one that waits for a file server. */
function hangingStat(flag: '-c' | '-f'): Scene {
  const folder = scene.path(`programs${flag}`);
  mkdirSync(folder);
  const text = `#!/bin/sh
[ "$1" = ${flag} ] || exec /usr/bin/stat "$@"
echo x >>${scene.path('looks')}
exec sleep 600
`;
  writeFileSync(`${folder}/stat`, text, { mode: 0o755 });
  return new Scene({
    launcher,
    mountTable: table,
    programFolders: [folder, '/usr/sbin', '/usr/bin', '/sbin', '/bin'],
  });
}

describe('a file system that hangs', () => {
  it('below which another one is to be mounted keeps that start until its limit, and nothing else', async () => {
    const slow = hangingStat('-c');
    try {
      const call = { ...callOf(mount()), limitMs: 2000 };
      expect(await slow.port.start(call, always)).toMatchObject(
        failed('timeout', /it hangs|did not answer within/),
      );
      expect(isMounted()).toBe(false);
    } finally {
      await slow.remove();
      rmSync(scene.path('looks'));
    }
  });

  it('is told, and no second look is begun while the first one hangs', async () => {
    const slow = hangingStat('-f');
    try {
      const call = callOf(mount());
      expect(await slow.port.start(call, always)).toEqual(done);
      const first = slow.port.look({ ...call, limitMs: 3000 });
      await until('it looks', () => {
        try {
          return readFileSync(scene.path('looks'), 'utf8') === 'x\n';
        } catch {
          return false;
        }
      });
      expect(await slow.port.look(call)).toMatchObject(failed('timeout', 'no second one is begun'));
      expect(await first).toMatchObject(failed('timeout', 'it hangs'));
      // A stop does not wait for a look.
      let second = slow.port.look(call);
      await until('it looks again', async () => {
        if (readFileSync(scene.path('looks'), 'utf8') === 'x\nx\n') return true;
        // The killed process of the first one is gone a moment later, and until then no second one is begun.
        const moment = new Promise((resolve) => setTimeout(resolve, 20, 'it is under way'));
        if ((await Promise.race([second, moment])) !== 'it is under way') second = slow.port.look(call);
        return false;
      });
      expect(await slow.port.stop(call)).toEqual(done);
      expect(await second).toMatchObject(failed('failed', 'another act'));
    } finally {
      await slow.remove();
    }
  });
});
