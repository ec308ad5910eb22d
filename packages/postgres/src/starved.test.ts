import { setImmediate as nextTurn } from 'node:timers/promises';
import { always } from '@hamn/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { must, until } from './testing/expecting.ts';
import { initialise, makeCluster, type TestCluster, type TestNode } from './testing/test-node.ts';

let cluster: TestCluster;
let one: TestNode;

/** A stall that ends within a look leaves its later parts no time; the long one goes past it. */
const stallsMs = [460, 460, 900];
const looks = 18;
const lookMs = 600;

beforeAll(async () => {
  cluster = makeCluster();
  one = await cluster.node('mn1');
  initialise(one);
  must(await one.postgres.startStandby(undefined, 10_000));
  must(await one.postgres.promote(10_000, always));
}, 30_000);
afterAll(() => cluster.close());

/** Keeps the event loop from turning, as a machine does that gives the process no time. */
function stall(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test('a healthy server is never hung, however late its answers are read', async () => {
  // As a hamnd that has just begun: its session is opened while it starves.
  const postgres = one.restarted();
  const kinds = new Map<string, number>();
  for (let round = 0; round < looks; round += 1) {
    const look = postgres.observe(lookMs);
    // Between other parts of the look each time.
    for (let turn = 0; turn < (round % 6) * 2; turn += 1) await nextTurn();
    stall(stallsMs[round % stallsMs.length] ?? 0);
    const seen = await look;
    const kind = seen.ok ? seen.value.server.kind : seen.error.code;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  console.log(`looks of a starved process: ${JSON.stringify(Object.fromEntries(kinds))}`);
  expect(kinds.get('hung') ?? 0).toBe(0);
  const isUp = async (): Promise<boolean> => {
    const seen = await postgres.observe(2000);
    return seen.ok && seen.value.server.kind === 'up';
  };
  await until('it is seen to be up', 10_000, isUp);
  postgres.close();
}, 60_000);
