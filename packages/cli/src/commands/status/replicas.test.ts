import { buildStatusFromGroup, type StatusDocument } from '@hamn/api';
import { groupSettings, readClusterSettings } from '@hamn/config';
import { type GroupKey, type RawEntry, readGroup, revision } from '@hamn/core';
import { expect, it } from 'vitest';
import { renderStatus } from './render.ts';

/** Four management nodes and a witness: who has the replica, from where, and how far behind; which services run beside it. */
const cluster = readClusterSettings(
  `version: 1
nodes:
  mn1: {address: 10.0.0.1}
  mn2: {address: 10.0.0.2}
  mn3: {address: 10.0.0.3, replicatefrom: mn2}
  mn4: {address: 10.0.0.4}
  wit1: {address: 10.0.0.5, role: witness}
groups: {mn: {postgres: {version: 15}, resources: {named: {kind: unit, runs: all}, xcatd: {kind: unit}}}}
`,
  'c',
);

const service = (name: string, state: string, want = state): object => ({ name, kind: 'unit', state, want });
const member = (node: string, role: string, postgres: object | undefined, more: object = {}): object => ({
  node,
  version: '0.1.0',
  address: `10.0.0.${node.at(-1)}`,
  role,
  doing: role === 'standby' ? 'Follows.' : 'Serves.',
  healthy: true,
  problems: [],
  ...(postgres === undefined
    ? {}
    : {
        postgres,
        services: [
          service('named', 'running'),
          role === 'primary' ? service('xcatd', 'running') : service('xcatd', 'stopped'),
        ],
      }),
  ...more,
});
const replica = (lsn: string, upstream: string, streaming = true): object => ({
  state: 'standby',
  timeline: 3,
  lsn,
  streaming,
  upstream,
});

const keys: Readonly<Record<string, unknown>> = {
  leader: { kind: 'held', holder: 'mn1', nonce: 'n', termMs: 3000 },
  heartbeat: { holder: 'mn1', nonce: 'n', sequence: 5, lsn: '0/3000100' },
  state: { electorate: ['mn1', 'mn2', 'mn3', 'mn4'], synchronous: ['mn1', 'mn2'], promotions: [] },
  lease: { holder: 'mn1', token: 7 },
  'members/mn1': member('mn1', 'primary', { state: 'primary', timeline: 3, lsn: '0/3000100' }),
  'members/mn2': member('mn2', 'standby', replica('0/3000100', 'mn1')),
  'members/mn3': member('mn3', 'standby', replica('0/3000000', 'mn2')),
  'members/mn4': member('mn4', 'standby', replica('0/2000000', 'mn1', false)),
  'members/wit1': member('wit1', 'witness', undefined),
};

/** As a node tells it that is no member of the replication. */
function fromWitness(source: StatusDocument['source']): StatusDocument {
  if (!cluster.ok) throw new Error(cluster.error.message);
  const entries = new Map<GroupKey, RawEntry>(
    Object.entries(keys).map(([key, value]) => [
      key as GroupKey,
      { value: JSON.stringify(value), mod: revision(7) },
    ]),
  );
  return buildStatusFromGroup({
    cluster: 'lab',
    group: 'mn',
    node: 'wit1',
    source,
    atWallMs: 1000,
    view: readGroup({ revision: revision(20), clusterId: '1', entries }),
    settings: groupSettings(cluster.value, 'lab', 'mn'),
  });
}

it.each(['hamnd', 'etcd'] as const)('the witness shows every replica (from %s)', (source) => {
  const text = renderStatus(fromWitness(source), { width: 100, color: false });
  expect(text).toMatch(/Data +synchronous: mn1 and mn2 both have every acknowledged write/);
  expect(text).toMatch(/mn1 +primary +primary +3 +- +2\/2/);
  expect(text).toMatch(/mn2 +standby +streaming +3 +0 B +1\/2/);
  expect(text).toMatch(/mn3 +standby +streaming from mn2 +3 +256 B +1\/2/);
  expect(text).toMatch(/mn4 +standby +standby +3 +16\.?0? [MG]i?B +1\/2/);
  expect(text).toMatch(/wit1 +witness +- +- +- +-/);
});
