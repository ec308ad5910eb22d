import { slotName } from '@hamn/core';
import { always } from '@hamn/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { must, until, up } from './testing/expecting.ts';
import { initialise, makeCluster, type TestCluster, type TestNode } from './testing/test-node.ts';

let cluster: TestCluster;
let one: TestNode;
let two: TestNode;
let three: TestNode;
let four: TestNode;

const limitMs = 30_000;

const streams = (node: TestNode): Promise<true> =>
  until(`${node.name} streams`, limitMs, async () => (await up(node.postgres)).streaming);
const streamsFrom = async (node: TestNode, upstream: TestNode): Promise<void> => {
  await streams(node);
  await until(`${upstream.name} serves ${node.name}`, limitMs, async () =>
    (await up(upstream.postgres)).standbys.some((standby) => standby.node === node.options.node),
  );
};
const rows = (node: TestNode): Promise<unknown> =>
  node.sql('SELECT count(*)::int AS rows, sum(id)::int AS sum FROM item');
const caughtUp = async (node: TestNode, from: TestNode): Promise<void> => {
  const end = (await up(from.postgres)).flushedLsn;
  await until(
    `${node.name} has all`,
    limitMs,
    async () => ((await up(node.postgres)).replayedLsn ?? 0n) >= end,
  );
};

beforeAll(async () => {
  cluster = makeCluster();
  one = await cluster.node('mn1');
  two = await cluster.node('mn2');
  three = await cluster.node('mn3');
  four = await cluster.node('mn4');
  initialise(one);
  must(await one.postgres.startStandby(undefined, limitMs));
  must(await one.postgres.promote(limitMs, always));
  await one.sql('CREATE TABLE item (id int)');
  for (const node of [two, three, four]) {
    must(await node.postgres.clone(one.upstream, limitMs));
    must(await node.postgres.startStandby(one.upstream, limitMs));
    await streams(node);
  }
}, 300_000);
afterAll(() => cluster.close());

describe('a standby that receives from a standby', () => {
  test('finds its slot there, and the primary moves its own on', async () => {
    must(await two.postgres.changeSlots([{ do: 'make', slot: slotName('mn3') }], limitMs));
    must(await three.postgres.follow(two.upstream, limitMs));
    await streamsFrom(three, two);
    expect((await up(one.postgres)).standbys.map(({ node }) => node)).not.toContain('mn3');
    await one.sql('INSERT INTO item SELECT generate_series(1, 1000)');
    await caughtUp(three, one);
    const { slots } = await up(two.postgres);
    expect(slots.find(({ name }) => name === slotName('mn3'))).toMatchObject({ active: true, lost: false });
    must(await one.postgres.checkpoint(limitMs));
    const to = (await up(one.postgres)).redoLsn;
    if (to === undefined) throw new Error('The primary shows no checkpoint.');
    must(await one.postgres.changeSlots([{ do: 'advance', slot: slotName('mn3'), to }], limitMs));
    const kept = (await up(one.postgres)).slots.find(({ name }) => name === slotName('mn3'));
    expect(kept).toMatchObject({ active: false, restartLsn: to });
  }, 120_000);

  test('follows its upstream to another primary’s timeline without a word of its own', async () => {
    // As on every standby that may become primary.
    must(await four.postgres.changeSlots([{ do: 'make', slot: slotName('mn2') }], limitMs));
    must(await one.postgres.stop('fast', limitMs));
    must(await four.postgres.promote(limitMs, always));
    must(await two.postgres.follow(four.upstream, limitMs));
    await streamsFrom(two, four);
    await four.sql('INSERT INTO item SELECT generate_series(1001, 2000)');
    await caughtUp(three, four);
    await streamsFrom(three, two);
    const { timeline } = await up(four.postgres);
    await until(
      'the timeline is the new one',
      limitMs,
      async () => (await up(three.postgres)).timeline === timeline,
    );
    expect(await rows(three)).toEqual(await rows(four));
  }, 120_000);

  test('goes back to the primary when its upstream is gone, and finds its WAL there', async () => {
    must(await two.postgres.stop('immediate', limitMs));
    await four.sql('INSERT INTO item SELECT generate_series(2001, 3000)');
    must(await four.postgres.changeSlots([{ do: 'make', slot: slotName('mn3') }], limitMs));
    must(await three.postgres.follow(four.upstream, limitMs));
    await streamsFrom(three, four);
    await caughtUp(three, four);
    expect(await rows(three)).toEqual(await rows(four));
  }, 120_000);
});
