import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { groupSettings, readClusterSettings, readNodeFile } from '@hamn/config';
import { type GroupKey, type RawEntry, readGroup, revision } from '@hamn/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkMarkers } from './checks/markers.ts';
import type { Finding } from './finding.ts';
import { runCommand } from './run-command.ts';

let etc = '';
beforeEach(() => {
  etc = mkdtempSync(join(tmpdir(), 'hamn-markers-'));
});
afterEach(() => rmSync(etc, { recursive: true }));

async function found(holder: string, ...names: readonly string[]): Promise<readonly Finding[]> {
  for (const name of readdirSync(etc)) rmSync(join(etc, name));
  for (const name of names) writeFileSync(join(etc, name), '');
  const cluster = readClusterSettings(
    `version: 1
nodes: {mn1: {address: 10.0.0.1}, mn2: {address: 10.0.0.2}}
groups: {mn: {postgres: {version: 15}, resources: {xcat-role: {kind: marker, onPrimary: ${etc}/MN, elsewhere: ${etc}/SN}}}}
`,
    'c',
  );
  const file = readNodeFile(
    'cluster: lab\nnode: mn1\naddress: 10.0.0.1\netcd: {endpoints: ["https://10.0.0.1:2379"]}\n',
    'n',
  );
  if (!cluster.ok || !file.ok) throw new Error('The settings of this test are wrong.');
  const leader = { kind: 'held', holder, nonce: 'n', termMs: 3000 };
  const entries = new Map<GroupKey, RawEntry>([
    ['leader', { mod: revision(7), value: JSON.stringify(leader) }],
  ]);
  return checkMarkers({
    file: file.value,
    configPath: '/etc/hamn/hamn.yaml',
    socket: '/s',
    group: 'mn',
    view: readGroup({ clusterId: 'c', revision: revision(9), entries }),
    cluster: cluster.value,
    settings: groupSettings(cluster.value, 'lab', 'mn'),
    version: '0.1.0',
    wallMs: 0,
    run: runCommand,
  });
}

it.each([
  ['mn1', 'MN', 'ok', 'MN is here'],
  ['mn2', 'SN', 'ok', 'SN is here'],
  ['mn1', 'SN', 'error', 'SN is here in place of'],
  ['mn2', 'MN', 'error', 'MN is here in place of'],
  ['mn2', 'MN SN', 'error', 'are both here.'],
  ['mn1', '', 'error', 'Neither '],
])('where %s leads, mn1 with "%s" is %s', async (holder, names, level, text) => {
  const [finding, ...more] = await found(holder, ...names.split(' ').filter(Boolean));
  expect(more).toEqual([]);
  expect(finding).toMatchObject({ level, what: expect.stringContaining(text) });
});
