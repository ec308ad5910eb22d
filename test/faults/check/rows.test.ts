import { describe, expect, test } from 'vitest';
import type { RowRecord } from '../../client/log.ts';
import { divergentRows, lostRows, overlappingReigns } from './rows.ts';

const row = (id: number, sentMs: number, postmaster = 'a', node = 'mn1', tookMs = 5): RowRecord => ({
  event: 'row',
  writer: 'w',
  id,
  outcome: 'acked',
  sentMs,
  doneMs: sentMs + tookMs,
  wallMs: 0,
  node,
  postmaster,
  because: undefined,
});

describe('acknowledged rows', () => {
  test('that are all there are no violation', () => {
    expect(lostRows([row(1, 0), row(2, 20)], new Set([1, 2, 3]))).toEqual([]);
  });

  test('of which one is missing are a loss, with who acknowledged it and when', () => {
    expect(lostRows([row(1, 0), row(2, 20)], new Set([1]))).toEqual([
      { kind: 'lost', text: '1 acknowledged rows are lost: 2 (by mn1 at 25 ms).' },
    ]);
  });
});

test('a row that only the standby has is divergent', () => {
  expect(divergentRows('mn2', new Set([1, 2]), new Set([1, 2, 3]))).toEqual([]);
  expect(divergentRows('mn2', new Set([1, 9]), new Set([1, 2]))).toEqual([
    { kind: 'divergent', text: 'mn2 has 1 rows that the primary lacks: 9.' },
  ]);
});

describe('two servers', () => {
  const before = [row(1, 0), row(2, 20), row(3, 40)];

  test('one after the other are a failover', () => {
    expect(overlappingReigns([...before, row(4, 3000, 'b', 'mn2')])).toEqual([]);
  });

  test('that both acknowledge are found, whichever writer saw them', () => {
    const found = overlappingReigns([...before, row(4, 10, 'b', 'mn2'), row(5, 60)]);
    expect(found).toEqual([
      {
        kind: 'dual-ack',
        text: 'mn1 (server a) and mn2 (server b) both acknowledged writes between 15 and 15 ms.',
      },
    ]);
  });

  test('are told apart by their process: a session whose node was misread is no second server', () => {
    expect(overlappingReigns([...before, row(4, 30, 'a', 'mn2')])).toEqual([]);
  });

  test('do not overlap where the old one’s last answer only arrived late', () => {
    expect(overlappingReigns([...before, row(4, 50, 'a', 'mn1', 400), row(5, 300, 'b', 'mn2')])).toEqual([]);
  });
});
