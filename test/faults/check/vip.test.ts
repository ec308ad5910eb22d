import { describe, expect, test } from 'vitest';
import type { WatchRecord } from '../watch/watch-log.ts';
import { blindMoments, holdingsOf, overlappingHoldings } from './vip.ts';

const vip = '10.99.0.10';
const look = (node: string, atMs: number, has: boolean): WatchRecord => ({
  event: 'kernel',
  node,
  atMs,
  beforeMs: atMs - 10,
  on: true,
  vips: has ? [vip] : [],
  armed: has,
});
const beat = (atMs: number, slowestMs = 11): WatchRecord => ({ event: 'beat', atMs, slowestMs });
const none = new Map();

const failover = [look('mn1', 0, true), look('mn1', 3000, false), look('mn2', 3010, true), beat(5000)];

test('a holding lasts from the first look that saw it to the last one', () => {
  expect(holdingsOf(failover)).toEqual([
    { node: 'mn1', address: vip, fromMs: 0, toMs: 2990 },
    { node: 'mn2', address: vip, fromMs: 3010, toMs: 5000 },
  ]);
});

describe('one VIP', () => {
  test('that goes from one node to the other is well', () => {
    expect(overlappingHoldings(holdingsOf(failover), none)).toEqual([]);
  });

  test('at two nodes is found', () => {
    const both = [look('mn1', 0, true), look('mn2', 2000, true), look('mn1', 3000, false), beat(5000)];
    expect(overlappingHoldings(holdingsOf(both), none)).toEqual([
      { kind: 'dual-vip', text: `mn1 and mn2 both had ${vip} from 2000 to 2990 ms.` },
    ]);
    expect(overlappingHoldings(holdingsOf(both.slice(0, 2)), none)).toHaveLength(1);
  });

  test('is excused while its old holder stands still, and no longer', () => {
    const both = [look('mn1', 0, true), look('mn2', 2000, true), look('mn1', 3000, false)];
    const until = (toMs: number) => new Map([['mn1', [{ fromMs: 1000, toMs }]]]);
    expect(overlappingHoldings(holdingsOf(both), until(3000))).toEqual([]);
    expect(overlappingHoldings(holdingsOf(both), until(2500))).toHaveLength(1);
  });
});

test('a watcher that did not look is named', () => {
  expect(blindMoments([beat(500), beat(1000, 90)], 200)).toEqual([]);
  expect(blindMoments([beat(500), beat(1000, 900)], 200)).toHaveLength(1);
});
