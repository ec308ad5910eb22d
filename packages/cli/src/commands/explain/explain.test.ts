import type { ExplainDocument } from '@hamn/api';
import { nodeId } from '@hamn/core';
import { expect, it } from 'vitest';
import { exitCodes } from '../../exit-codes.ts';
import { runProgram } from '../../program.ts';
import { fakeHamnd } from '../../testing/fake-hamnd.ts';
import { fakeApp, fakeIo } from '../../testing/fake-io.ts';
import { renderHistory } from '../history/render.ts';
import { renderExplain } from './render.ts';

const document: ExplainDocument = {
  schema: 1,
  cluster: 'lab',
  group: 'mn',
  atWallMs: 0,
  node: 'mn2',
  source: 'hamnd',
  missing: [],
  nodes: [
    { name: 'mn1', role: 'primary', doing: 'Holds the term.', problems: [] },
    {
      name: 'mn2',
      role: 'standby',
      doing: 'Is cloned again from mn1.',
      candidacy: {
        eligible: false,
        reasons: [
          'PostgreSQL is being changed on it.',
          'It is not in the synchronous set, so it may lack acknowledged writes.',
        ],
      },
      problems: ['The disk is 96 % full.'],
      rules: [
        { rule: 'rejoin.clone', band: 'role', because: 'Its timeline 4 left the group’s at 0/3000000.' },
        { rule: 'units.own', band: 'upkeep', because: 'xcatd.service would start at boot.' },
      ],
      inFlight: [{ key: 'postgres.role', forMs: 12_300 }],
    },
    { name: 'wit1', role: 'witness', doing: 'Votes in etcd.', problems: [] },
  ],
};

it('explains each node in a paragraph', async () => {
  await expect(`${renderExplain(document, { width: 80, color: false })}\n`).toMatchFileSnapshot(
    'testdata/explain.txt',
  );
});

it('explains one node alone, and knows which there are', async () => {
  const hamnd = await fakeHamnd({ 'GET /explain': { status: 200, body: document } });
  const io = fakeIo();
  expect(await runProgram(['explain', 'mn1', '--json', '--socket', hamnd.socket], fakeApp(io))).toBe(
    exitCodes.ok,
  );
  expect(JSON.parse(io.written.out).nodes).toHaveLength(1);
  const other = fakeIo();
  expect(await runProgram(['explain', 'mm1', '--socket', hamnd.socket], fakeApp(other))).toBe(
    exitCodes.usage,
  );
  expect(other.written.err).toBe("There is no node mm1. Did you mean 'mn1'? The nodes are mn1, mn2, wit1.\n");
  await hamnd.close();
});

it('tells the history with its phases', async () => {
  const entries = [
    { token: 5, node: nodeId('mn1'), kind: 'first', why: 'It was set up.', atWallMs: 0, phases: [] },
    {
      token: 9,
      node: nodeId('mn2'),
      from: nodeId('mn1'),
      kind: 'failover',
      why: 'mn1 was silent for 3.0 s.',
      atWallMs: 3_600_000,
      phases: [
        { name: 'guard', ms: 3.7 },
        { name: 'promote', ms: 61 },
        { name: 'ready', ms: 2210 },
      ],
      lossBytesBound: 20_000,
    },
  ];
  const history = { schema: 1, cluster: 'lab', group: 'mn', entries } as const;
  await expect(`${renderHistory(history, { width: 80 })}\n`).toMatchFileSnapshot(
    '../history/testdata/history.txt',
  );
});
