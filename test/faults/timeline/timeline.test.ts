import { describe, expect, test } from 'vitest';
import type { RowRecord } from '../../client/log.ts';
import type { RunLog } from '../run-log.ts';
import type { WatchRecord } from '../watch/watch-log.ts';
import { timelineSvg } from './svg.ts';
import { clock, timelineText } from './text.ts';
import { nodesOfServers, spansOf, timelineOf } from './timeline.ts';

const vip = '10.99.0.10';
const look = (node: string, atMs: number, is: { on?: boolean; vip?: boolean } = {}): WatchRecord => ({
  event: 'kernel',
  node,
  atMs,
  beforeMs: atMs - 10,
  on: is.on ?? true,
  vips: is.vip === true ? [vip] : [],
  armed: is.vip === true,
});
const row = (id: number, doneMs: number, node: string, writer = 'vip'): RowRecord => ({
  event: 'row',
  writer,
  id,
  outcome: 'acked',
  sentMs: doneMs - 5,
  doneMs,
  wallMs: 0,
  node,
  postmaster: `server of ${node}`,
  because: undefined,
});

/** mn1 is powered off after two seconds, and mn2 takes over after five. The clock of the host stood at 1000. */
const log: RunLog = {
  seed: 7,
  beganMs: 1000,
  faults: [{ round: 1, name: 'power off', node: 'mn1', text: 'powered <off>', beganMs: 3000, endedMs: 8000 }],
  rounds: [
    {
      round: 1,
      plan: { round: 1, faults: [] },
      beganMs: 2000,
      healedMs: 8000,
      healthyMs: 10_500,
      cast: 'mn1 primary, mn2 standby, wit1 witness',
    },
  ],
  notes: [{ atMs: 4000, text: 'a note' }],
  violations: [{ kind: 'lost', text: '1 acknowledged rows are lost: 4.' }],
};
const timeline = timelineOf(log, {
  nodes: ['mn1', 'mn2'],
  vip,
  watched: [
    look('mn1', 1000, { vip: true }),
    look('mn2', 1000),
    { event: 'etcd', atMs: 1000, healthy: ['mn1', 'mn2'] },
    look('mn1', 3000, { on: false }),
    { event: 'etcd', atMs: 3000, healthy: [] },
    look('mn2', 6000, { vip: true }),
    { event: 'etcd', atMs: 7000, healthy: ['mn2'] },
    look('mn1', 8000),
    { event: 'beat', atMs: 12_000, slowestMs: 10 },
  ],
  acked: [row(1, 1100, 'mn1'), row(2, 1200, 'mn1'), row(3, 6500, 'mn2')],
});

describe('the timeline', () => {
  test('lays everything over the clock of the run', () => {
    expect(timeline.lengthMs).toBe(11_000);
    expect(timeline.lanes[0]).toEqual({
      node: 'mn1',
      on: [
        { fromMs: 0, toMs: 2000 },
        { fromMs: 7000, toMs: 11_000 },
      ],
      term: [{ fromMs: 0, toMs: 2000 }],
      vip: [{ fromMs: 0, toMs: 1990 }],
      faults: [{ fromMs: 2000, toMs: 7000, round: 1, text: 'powered <off>' }],
      acks: [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    });
    expect(timeline.lanes[1]?.vip).toEqual([{ fromMs: 5000, toMs: 11_000 }]);
    expect(timeline.lanes[1]?.acks[5]).toBe(1);
    expect(timeline.quorum).toEqual([
      { fromMs: 0, toMs: 2000 },
      { fromMs: 6000, toMs: 11_000 },
    ]);
  });

  test('as text has one line an event, in the order of time', () => {
    expect(timelineText(timeline).split('\n')).toEqual([
      '00:00.000  mn1 has the term',
      '00:00.000  mn1 has the VIP',
      '00:01.000  round 1 begins: mn1 primary, mn2 standby, wit1 witness',
      '00:01.990  mn1 has the VIP no more',
      '00:02.000  mn1 has the term no more',
      '00:02.000  mn1 is off',
      '00:02.000  fault: mn1 powered <off>',
      '00:02.000  etcd has no quorum',
      '00:03.000  a note',
      '00:05.000  mn2 has the term',
      '00:05.000  mn2 has the VIP',
      '00:06.000  etcd has a quorum',
      '00:07.000  round 1: all faults have ended',
      '00:07.000  mn1 is on',
      '00:07.000  ended: mn1 powered <off>',
      '00:09.500  round 1: all nodes are in service again after 2.5 s',
      'VIOLATION  lost: 1 acknowledged rows are lost: 4.',
      '',
    ]);
  });

  test('as a picture is one well-formed element with a bar for each thing', () => {
    const svg = timelineSvg(timeline);
    expect(svg.startsWith('<svg ')).toBe(true);
    expect(svg.trimEnd().endsWith('</svg>')).toBe(true);
    for (const tag of ['text', 'title'])
      expect(svg.split(`<${tag}`).length, tag).toBe(svg.split(`</${tag}>`).length);
    expect(svg).toContain('powered &lt;off&gt;');
    expect(svg).toContain('Fault suite, seed 7: 1 rounds, 1 violations');
    expect(svg).toContain('<title>2 rows in this second</title>');
    expect(svg).not.toContain('NaN');
  });
});

test('a server is where the writer beside it says, whatever ARP said', () => {
  const acked = [row(1, 0, 'mn2'), { ...row(2, 20, 'mn1', 'beside-mn1'), postmaster: 'server of mn2' }];
  expect(nodesOfServers(acked)).toEqual(new Map([['server of mn2', 'mn1']]));
});

test('what holds to the end has an end', () => {
  expect(spansOf([{ atMs: 5, holds: true }], 9)).toEqual([{ fromMs: 5, toMs: 9 }]);
  expect(spansOf([{ atMs: 5, holds: false }], 9)).toEqual([]);
});

test('a clock has minutes, seconds and milliseconds', () => {
  expect(clock(61_005.4)).toBe('01:01.005');
});
