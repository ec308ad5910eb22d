import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { act, agentOf, hostOf } from './testing/scene.ts';
import { validateAgent } from './validate-agent.ts';

/** The real Filesystem agent with ext4 on a loop device. */
const folder = mkdtempSync(join(tmpdir(), 'hamn-ocf-fs-'));
const host = hostOf({ temporary: join(folder, 'tmp') });
const directory = join(folder, 'mounted');
const run = (file: string, ...args: readonly string[]): string =>
  execFileSync(file, args, { encoding: 'utf8', timeout: 20_000, stdio: ['ignore', 'pipe', 'pipe'] }).trim();
const isMounted = (): boolean => readFileSync('/proc/self/mounts', 'utf8').includes(` ${directory} `);
let device = '';

beforeAll(() => {
  const image = join(folder, 'image');
  writeFileSync(image, '');
  truncateSync(image, 16 * 1024 * 1024);
  run('mkfs.ext4', '-q', image);
  device = run('losetup', '--find', '--show', image);
  mkdirSync(directory);
});

afterAll(() => {
  if (isMounted()) run('umount', directory);
  if (device !== '') run('losetup', '--detach', device);
  rmSync(folder, { recursive: true });
});

describe('Filesystem', () => {
  const resourceOn = (where: string) => ({
    name: 'data',
    parameters: { device: where, directory, fstype: 'ext4' },
  });

  it('mounts, looks at three depths, and unmounts', async () => {
    const agent = await agentOf('ocf:heartbeat:Filesystem', host);
    const resource = resourceOn(device);
    expect(await validateAgent(agent, resource, host)).toEqual({ ok: true, value: undefined });
    expect(await act(agent, resource, 'monitor', host)).toBe('stopped');
    expect(await act(agent, resource, 'start', host)).toBe('running');
    expect(isMounted()).toBe(true);
    for (const level of [0, 10, 20])
      expect(await act(agent, resource, { action: 'monitor', level, intervalMs: 20_000 }, host)).toBe(
        'running',
      );
    expect(existsSync(join(directory, '.Filesystem_status'))).toBe(true);
    // Read-only is seen only by a look that writes.
    run('mount', '-o', 'remount,ro', directory);
    expect(await act(agent, resource, { action: 'monitor', intervalMs: 20_000 }, host)).toBe('running');
    expect(await act(agent, resource, { action: 'monitor', level: 20, intervalMs: 20_000 }, host)).toBe(
      'failed',
    );
    expect(await act(agent, resource, 'stop', host)).toBe('stopped');
    expect(isMounted()).toBe(false);
    expect(await act(agent, resource, 'stop', host)).toBe('stopped');
  });

  it('is seen to be away when somebody unmounts it', async () => {
    const agent = await agentOf('ocf:heartbeat:Filesystem', host);
    const resource = resourceOn(device);
    expect(await act(agent, resource, 'start', host)).toBe('running');
    run('umount', directory);
    expect(await act(agent, resource, { action: 'monitor', intervalMs: 20_000 }, host)).toBe('stopped');
  });

  it('is not mounted from a device that is not there', async () => {
    const agent = await agentOf('ocf:heartbeat:Filesystem', host);
    expect(await act(agent, resourceOn('/dev/hamn-none'), 'start', host)).toMatch(
      /^(failed|unusable-here|misconfigured)$/,
    );
    expect(isMounted()).toBe(false);
  });
});
