import { expect, test } from 'vitest';
import { exclusiveMountOf, isNodeGround } from './exclusive-mount.ts';
import type { ResourceKind } from './kinds/kinds.ts';
import { traitsOf } from './kinds/kinds.ts';
import type { ResourceSettings } from './resource.ts';

const settings = (what: ResourceKind, runs: ResourceSettings['runs'] = 'primary'): ResourceSettings => ({
  name: 'data',
  what,
  runs,
  after: [],
  ...traitsOf(what).defaults,
  failure: { restarts: 3, windowMs: 60_000, outcome: 'failover' },
  unfenced: false,
});
const mount = (source: string, type: string): ResourceKind => ({
  kind: 'mount',
  source,
  target: '/install',
  type,
  options: [],
});
const agent = (
  name: string,
  exclusive: boolean,
  parameters: Readonly<Record<string, string>>,
): ResourceKind => ({
  kind: 'ocf',
  provider: 'heartbeat',
  agent: name,
  parameters,
  promotable: false,
  carries: true,
  exclusive,
});
const places = { device: '/dev/sdb1', directory: '/install' };
const found = { source: '/dev/sdb1', target: '/install' };

test.each<[string, ResourceKind, ReturnType<typeof exclusiveMountOf>]>([
  ['a block device', mount('/dev/sdb1', 'xfs'), found],
  ['a file server', mount('nas:/install', 'nfs4'), undefined],
  ['a cluster file system', mount('/dev/sdb1', 'gfs2'), undefined],
  ['an agent that mounts for one node alone', agent('Filesystem', true, places), found],
  ['an agent that mounts for all', agent('Filesystem', false, places), undefined],
  ['an agent that says not where', agent('Filesystem', true, { device: '/dev/sdb1' }), undefined],
  ['another agent', agent('LVM-activate', true, places), undefined],
])('%s', (_what, what, mounted) => {
  expect(exclusiveMountOf(settings(what))).toEqual(mounted);
});

test('a disk that each node has for itself may stay mounted', () => {
  expect(exclusiveMountOf(settings(mount('/dev/sdb1', 'xfs'), 'all'))).toBeUndefined();
});

test('though its danger was accepted it is one', () => {
  const accepted = { ...settings(mount('/dev/sdb1', 'xfs')), unfenced: true };
  expect(exclusiveMountOf(accepted)).toEqual(found);
});

test('what a node stands on, however it is written', () => {
  for (const path of ['/', '//', '/usr', '/usr/', '//etc', '/./proc', '/sys/.'])
    expect(isNodeGround(path)).toBe(true);
  for (const path of ['/install', '/usr/local', '/var', '/etc/xcat']) expect(isNodeGround(path)).toBe(false);
});
