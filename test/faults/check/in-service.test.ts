import type { StatusDocument } from '@hamn/api';
import { expect, test } from 'vitest';
import { defaultCluster } from '../../cluster/index.ts';
import { whatIsAway } from './in-service.ts';

const node = (name: string, role: 'primary' | 'standby' | 'witness'): StatusDocument['nodes'][number] => ({
  name,
  role,
  address: '10.99.0.1',
  reachable: true,
  doing: 'It rests.',
  vips: [],
  services: [],
  problems: [],
  ...(role === 'witness' ? {} : { postgres: { state: role, streaming: role === 'standby' } }),
  ...(role === 'standby' ? { candidacy: { eligible: true, reasons: [] } } : {}),
});

const well: StatusDocument = {
  schema: 1,
  cluster: 'lab',
  group: 'mn',
  atWallMs: 0,
  node: 'wit1',
  source: 'hamnd',
  missing: [],
  replication: { mode: 'synchronous', synchronous: ['mn1', 'mn2'], degraded: false },
  nodes: [node('mn1', 'primary'), node('mn2', 'standby'), node('wit1', 'witness')],
  vips: [{ address: '10.99.0.10/24', holder: 'mn1' }],
  problems: [],
};

test('a cluster in which all is well has nobody away', () => {
  expect(whatIsAway(well, defaultCluster)).toBe('');
});

test('a standby that does not come back is found', () => {
  const standby = { ...node('mn2', 'standby'), postgres: { state: 'stopped', streaming: false } };
  const status = { ...well, nodes: [node('mn1', 'primary'), standby, node('wit1', 'witness')] };
  expect(whatIsAway(status, defaultCluster)).toContain('mn2 does not stream');
});

test('a witness that is silent, a pause and an open request are found', () => {
  const silent = { ...node('wit1', 'witness'), reachable: false };
  const status: StatusDocument = {
    ...well,
    nodes: [node('mn1', 'primary'), node('mn2', 'standby'), silent],
    paused: { by: 'root', reason: '', sinceWallMs: 0 },
    request: { id: 'r', kind: 'switchover', token: 1, by: 'root', madeWallMs: 0, expiresWallMs: 1 },
  };
  expect(whatIsAway(status, defaultCluster)).toBe(
    'wit1 does not report; the cluster is paused; a request is open: switchover',
  );
});

test('a synchronous set that is not full is found', () => {
  const replication = { mode: 'synchronous', synchronous: ['mn1'], degraded: true } as const;
  expect(whatIsAway({ ...well, replication }, defaultCluster)).toBe('the synchronous set is not full');
});
