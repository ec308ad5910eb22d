import type { StatusDocument } from '@hamn/api';
import { nodeId } from '@hamn/core';

/** A healthy group as hamnd on mn1 tells it. */
export const healthy: StatusDocument = {
  schema: 1,
  cluster: 'lab',
  group: 'mn',
  atWallMs: Date.UTC(2026, 10, 21, 2, 3, 33),
  node: 'mn1',
  source: 'hamnd',
  missing: [],
  primary: { node: 'mn1', token: 7, sinceWallMs: Date.UTC(2026, 10, 20, 22, 0, 1), heardOf: true },
  term: {
    kind: 'held',
    node: 'mn1',
    token: 7,
    termMs: 3000,
    remainingMs: 2230,
    viaEtcd: true,
    viaPromises: true,
  },
  failover: 'automatic',
  replication: { mode: 'synchronous', synchronous: ['mn1', 'mn2'], degraded: false },
  nodes: [
    {
      name: 'mn1',
      role: 'primary',
      address: '10.0.0.1',
      reachable: true,
      doing: 'Holds the term; PostgreSQL is writable.',
      postgres: { state: 'primary', timeline: 3, lsn: '0/3000100' },
      vips: ['10.0.0.10'],
      services: [
        { name: 'xcatd', state: 'active' },
        { name: 'dhcpd', state: 'active' },
      ],
      problems: [],
      version: '0.1.0',
    },
    {
      name: 'mn2',
      role: 'standby',
      address: '10.0.0.2',
      reachable: true,
      doing: 'Follows mn1.',
      postgres: { state: 'standby', timeline: 3, lsn: '0/3000000', lagBytes: 256, streaming: true },
      vips: [],
      services: [
        { name: 'xcatd', state: 'inactive' },
        { name: 'dhcpd', state: 'inactive' },
      ],
      candidacy: { eligible: true, reasons: ['It has all that a primary needs.'] },
      problems: [],
      version: '0.1.0',
    },
    {
      name: 'wit1',
      role: 'witness',
      address: '10.0.0.3',
      reachable: true,
      doing: 'Votes in etcd.',
      vips: [],
      services: [],
      problems: [],
      version: '0.1.0',
    },
  ],
  vips: [{ address: '10.0.0.10/24', interface: 'eth0', holder: 'mn1' }],
  etcd: { reachable: true, leader: 'wit1' },
  lastFailover: {
    token: 7,
    node: nodeId('mn1'),
    from: nodeId('mn2'),
    kind: 'failover',
    why: 'mn2 was silent for 3.0 s.',
    atWallMs: Date.UTC(2026, 10, 20, 22, 0, 1),
    phases: [
      { name: 'guard', ms: 4 },
      { name: 'promote', ms: 61 },
      { name: 'ready', ms: 2210 },
    ],
  },
  problems: [],
};

/** The same group after mn1 lost its power, as etcd tells it. */
export const failing: StatusDocument = {
  ...healthy,
  source: 'etcd',
  missing: [
    'There is no socket /run/hamn/hamnd.sock: hamnd does not run here. Shown is what the nodes last wrote to etcd, without the time that the term has left and without events.',
  ],
  primary: { node: 'mn1', token: 7, heardOf: false },
  term: { kind: 'held', node: 'mn1', token: 7, termMs: 3000 },
  replication: { mode: 'synchronous', synchronous: ['mn1'], degraded: true },
  paused: { by: 'ann on mn2', reason: 'new switch', sinceWallMs: Date.UTC(2026, 10, 21, 1, 0, 0) },
  vips: [{ address: '10.0.0.10/24', interface: 'eth0' }],
  etcd: undefined,
  request: {
    id: 'r1',
    kind: 'failover',
    token: 7,
    to: nodeId('mn2'),
    by: 'ann on mn2',
    madeWallMs: Date.UTC(2026, 10, 21, 2, 3, 30),
    expiresWallMs: Date.UTC(2026, 10, 21, 2, 5, 30),
  },
  nodes: healthy.nodes.map((node) =>
    node.name === 'mn1'
      ? {
          ...node,
          role: 'unknown',
          reachable: false,
          doing: 'Not heard of. It still holds the term.',
          postgres: undefined,
          services: [],
          vips: [],
        }
      : node.name === 'mn2'
        ? {
            ...node,
            doing:
              'Waits: 2.1 s of T are left since the last sign of mn1, and nobody may take over while the group is paused.',
            postgres: { state: 'standby', timeline: 3, lagBytes: 3_250_000, streaming: false },
            services: [
              { name: 'xcatd', state: 'failed' },
              { name: 'dhcpd', state: 'inactive' },
            ],
          }
        : node,
  ),
  problems: [
    {
      severity: 'error',
      text: 'mn1 holds the term, but is not heard of.',
      remedy: 'A standby takes over 3000 ms after its last sign; if none does, `hamnctl explain` says why.',
    },
    {
      severity: 'warning',
      text: 'Paused by ann on mn2: new switch. Nobody takes over by itself.',
      remedy: 'Run `hamnctl resume` when the work is done.',
    },
  ],
};
