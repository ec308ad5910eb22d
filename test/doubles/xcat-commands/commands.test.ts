import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ClientNodeId,
  clientNodeId,
  fail,
  instant,
  type MoveRecord,
  noRecords,
  type ServiceNodesValue,
  serviceNodeId,
} from '@hamn/core';
import {
  always,
  type ClockPort,
  carryOutMove,
  endMove,
  type MoveDeps,
  type MoveOrder,
  readTables,
  recordMove,
  type ServiceNodesPort,
} from '@hamn/engine';
import { createServiceNodes, parsePlacement, snmoveArgs } from '@hamn/servicenodes';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { XcatCommands } from './index.ts';

const clock: ClockPort = {
  now: () => instant(performance.now()),
  wallMs: () => 1000,
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  nonce: () => 'n',
};
const limitMs = 25_000;
const nodes = (...names: string[]): readonly ClientNodeId[] => names.map(clientNodeId);

let xcat: XcatCommands;
let port: ServiceNodesPort;
let value: ServiceNodesValue;

beforeEach(() => {
  xcat = new XcatCommands(
    ['sn1', 'sn2', 'n1', 'n2', 'n3', 'r10', 'r11'].map((node) => ({
      node,
      groups: node.startsWith('sn') ? 'service,all' : node.startsWith('r') ? 'rack,all' : 'compute,all',
    })),
    [
      { node: 'compute', servicenode: 'sn1,sn2', xcatmaster: 'sn1-n' },
      { node: 'rack', servicenode: 'sn2', xcatmaster: '|r(\\d+)|m($1)|' },
    ],
  );
  port = createServiceNodes({ directory: xcat.bin }, { clock });
  value = noRecords;
});
afterEach(() => xcat.remove());

const order = (more: Partial<MoveOrder> = {}): MoveOrder => ({
  kind: 'move',
  from: 'sn1',
  to: 'sn2',
  nodes: nodes('n1', 'n2'),
  xcatmaster: 'sn2-n',
  databaseOnly: false,
  ...more,
});

const record = (id: string, ...names: string[]): MoveRecord => ({
  id,
  token: 1,
  kind: 'move',
  from: serviceNodeId('sn1'),
  to: serviceNodeId('sn2'),
  was: [{ servicenode: [serviceNodeId('sn1')], xcatmaster: 'sn1-n', nodes: nodes(...names) }],
  stage: 'begun',
  left: [],
  message: 'sn1 is down.',
  begunWallMs: 1000,
});

const deps = (more: Partial<MoveDeps> = {}): MoveDeps => ({
  port,
  clock: { ...clock, wallMs: () => 2000 },
  update: async (change) => {
    const next = change(value);
    if (next.ok) value = next.value;
    return next;
  },
  permit: always,
  ...more,
});

/** The record, and the rest when it stands. */
async function moveBatch(
  move: MoveRecord,
  xcatmaster: string | undefined,
  within: typeof limits,
  by: MoveDeps,
): ReturnType<typeof carryOutMove> {
  const recorded = await recordMove(move, by);
  expect(recorded.ok).toBe(true);
  return carryOutMove(move, xcatmaster, within, by);
}
const limits = { moveMs: limitMs, tablesMs: limitMs, databaseOnly: false };

describe('nodels', () => {
  it('resolves rows of groups and of regular expressions', async () => {
    const read = await port.placement(limitMs);
    expect(read.ok && Object.fromEntries(read.value)).toMatchObject({
      sn1: { servicenode: [], xcatmaster: '' },
      n1: { servicenode: ['sn1', 'sn2'], xcatmaster: 'sn1-n' },
      r10: { servicenode: ['sn2'], xcatmaster: 'm10' },
    });
  });

  it('that ends with 0 in the middle, beside an error, is no answer', async () => {
    xcat.behave({ nodelsStopsAfter: 2 });
    expect(await port.placement(limitMs)).toMatchObject({
      ok: false,
      error: { code: 'broken', message: expect.stringContaining('Lost connection to the database') },
    });
  });

  it('that hangs ends at its limit', async () => {
    xcat.behave({ hangs: true });
    expect(await port.placement(500)).toMatchObject({ ok: false, error: { code: 'timeout' } });
  });

  it('that is not installed is named', async () => {
    const none = createServiceNodes({ directory: join(xcat.directory, 'none') }, { clock });
    expect(await none.placement(limitMs)).toMatchObject({
      ok: false,
      error: { code: 'no-command', message: expect.stringContaining('Is xCAT installed on this node') },
    });
  });

  it.each(['Usage: nodels', 'n1: sn1', 'n1: noderes.servicenode: sn1\nn1: noderes.servicenode: sn2'])(
    'whose output is %j is not believed',
    (text) => {
      expect(parsePlacement(text).ok).toBe(false);
    },
  );
});

describe('snmove', () => {
  it('moves nodes, keeps the order of their other service nodes, and takes the name that was given', async () => {
    expect(await port.move(order(), limitMs, always)).toMatchObject({ ok: true });
    expect(xcat.value('n1', 'servicenode')).toBe('sn2,sn1');
    expect(xcat.value('n1', 'xcatmaster')).toBe('sn2-n');
    expect(xcat.value('n3', 'servicenode')).toBe('sn1,sn2');
    expect(xcat.touched).toEqual(['n1', 'n2']);
  });

  it('with databaseOnly leaves the nodes alone', async () => {
    await port.move(order({ databaseOnly: true }), limitMs, always);
    expect(xcat.value('n1', 'servicenode')).toBe('sn2,sn1');
    expect(xcat.touched).toEqual([]);
  });

  it('gets plain names only: no group, range, pattern or option', () => {
    for (const name of ['-i', 'n1,n2', '/n.*', 'n[1-3]', '@all', 'n1-n3 ', '', 'n1;id', '~x', '^f'])
      expect(snmoveArgs(order({ nodes: nodes(name) }))).toMatchObject({ ok: false });
    expect(snmoveArgs(order({ nodes: [] }))).toMatchObject({ ok: false });
    expect(snmoveArgs(order())).toEqual({
      ok: true,
      value: ['n1,n2', '-s', 'sn1', '-d', 'sn2', '-D', 'sn2-n'],
    });
  });

  it('of which one name does not resolve moves nobody', async () => {
    xcat.behave({ unresolvable: ['n2'] });
    expect(await port.move(order(), limitMs, always)).toMatchObject({
      ok: false,
      error: { code: 'failed', message: expect.stringContaining("Could not resolve node 'n2'") },
    });
    expect(xcat.value('n1', 'servicenode')).toBe('sn1,sn2');
  });
});

describe('a move', () => {
  it('is recorded before it is made, and its end is what the tables say', async () => {
    const ended = await moveBatch(record('1.1', 'n1', 'n2'), 'sn2-n', limits, deps());
    expect(ended).toMatchObject({ ok: true, value: { stage: 'ended', left: [], endedWallMs: 2000 } });
    expect(value.moves).toHaveLength(1);
  });

  it('that says success and moved a part only is known by the tables', async () => {
    xcat.behave({ notWritten: ['n2'] });
    const ended = await moveBatch(record('1.1', 'n1', 'n2'), 'sn2-n', limits, deps());
    expect(ended).toMatchObject({ ok: true, value: { left: ['n2'] } });
    expect(ended.ok && ended.value.message).toMatch(
      /^1 of 2 nodes are at sn2 by xCAT's tables. Not moved: n2./,
    );
  });

  it('of a node that xCAT does not know ends with 0 and is seen to have moved nobody', async () => {
    const ended = await moveBatch(record('1.1', 'n1', 'n9'), 'sn2-n', limits, deps());
    expect(ended.ok && ended.value.left).toEqual(['n1', 'n9']);
    expect(ended.ok && ended.value.message).toContain('Invalid nodes in noderange:n9');
  });

  it('whose nodeset failed has moved them by the tables, and says so', async () => {
    xcat.behave({ nodesetFails: ['n1'] });
    const ended = await moveBatch(record('1.1', 'n1'), 'sn2-n', limits, deps());
    expect(ended.ok && ended.value.left).toEqual([]);
    expect(ended.ok && ended.value.message).toContain('Could not run the nodeset command');
  });

  it('that could not be recorded is not started', async () => {
    const refused = { update: async () => fail('refused', 'The term is over.') };
    expect(await recordMove(record('1.1', 'n1'), deps(refused))).toMatchObject({
      ok: false,
      error: {
        code: 'not-recorded',
        message: 'The move 1.1 could not be recorded, so it was not started: The term is over.',
      },
    });
    expect(xcat.touched).toEqual([]);
    expect(xcat.value('n1', 'servicenode')).toBe('sn1,sn2');
  });

  it('is not started without the term', async () => {
    const lost = await moveBatch(record('1.1', 'n1'), 'sn2-n', limits, deps({ permit: () => false }));
    expect(lost).toMatchObject({ ok: false, error: { code: 'not-holder' } });
    expect(xcat.value('n1', 'servicenode')).toBe('sn1,sn2');
    expect(value.moves[0]?.stage).toBe('begun');
  });

  it('that does not end in time stays open while xcatd goes on with it, and is settled from the tables', async () => {
    // The client itself takes a second or two to start on a busy machine.
    xcat.behave({ msToAskInterfaces: 12_000 });
    const late = await moveBatch(record('1.1', 'n1'), undefined, { ...limits, moveMs: 8000 }, deps());
    expect(late).toMatchObject({ ok: false, error: { code: 'open' } });
    expect(value.moves[0]?.stage).toBe('begun');
    const giveUpAt = performance.now() + 60_000;
    while (xcat.value('n1', 'servicenode') !== 'sn2,sn1') {
      if (performance.now() > giveUpAt) throw new Error('Waited in vain: the worker moves n1');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const tables = await readTables(limitMs, deps());
    if (!tables.ok) throw new Error(tables.error.message);
    const ended = await endMove('1.1', 1, tables.value, 'Read back.', deps());
    expect(ended).toMatchObject({ ok: true, value: { stage: 'ended', left: [] } });
  }, 180_000);

  it('beside another one waits for the lock of the table, and neither loses a row', async () => {
    xcat.behave({ msForEachNode: 50 });
    const [one, other] = await Promise.all([
      moveBatch(record('1.1', 'n1', 'n2'), 'sn2-n', limits, deps()),
      moveBatch(record('1.2', 'n3'), 'sn2-n', limits, deps()),
    ]);
    expect([one, other]).toMatchObject([
      { ok: true, value: { left: [] } },
      { ok: true, value: { left: [] } },
    ]);
    expect(xcat.noderes.map((row) => row['node'])).toEqual(
      expect.arrayContaining(['n1', 'n2', 'n3', 'rack']),
    );
    expect(existsSync(join(xcat.directory, 'lock'))).toBe(false);
  });
});
