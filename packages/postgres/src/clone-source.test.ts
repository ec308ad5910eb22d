import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { slotName } from '@hamn/core';
import { always } from '@hamn/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { must, until, up, view } from './testing/expecting.ts';
import { initialise, makeCluster, type TestCluster, type TestNode } from './testing/test-node.ts';

let cluster: TestCluster;
let one: TestNode;
let two: TestNode;
let three: TestNode;

const limitMs = 30_000;

const streams = (node: TestNode): Promise<true> =>
  until(`${node.name} streams`, limitMs, async () => (await up(node.postgres)).streaming);
const rows = (node: TestNode): Promise<unknown> =>
  node.sql('SELECT count(*)::int AS rows, sum(id)::int AS sum FROM item');
const caughtUp = async (node: TestNode, from: TestNode): Promise<void> => {
  const end = (await up(from.postgres)).flushedLsn;
  await until('all is replayed', limitMs, async () => ((await up(node.postgres)).replayedLsn ?? 0n) >= end);
};
const cloneFrom = (
  node: TestNode,
  primary: TestNode,
  standby: TestNode,
): ReturnType<TestNode['postgres']['clone']> =>
  node.postgres.clone(primary.upstream, limitMs, undefined, standby.upstream);

beforeAll(async () => {
  cluster = makeCluster();
  one = await cluster.node('mn1');
  two = await cluster.node('mn2');
  three = await cluster.node('mn3');
  initialise(one);
  must(await one.postgres.startStandby(undefined, limitMs));
  must(await one.postgres.promote(limitMs, always));
  await one.sql('CREATE TABLE item (id int)');
  await one.sql('INSERT INTO item SELECT generate_series(1, 1000)');
  must(await two.postgres.clone(one.upstream, limitMs));
  must(await two.postgres.startStandby(one.upstream, limitMs));
  await streams(two);
}, 300_000);
afterAll(() => cluster.close());

describe('a clone that is read from a standby', () => {
  test('is whole under load, streams from the primary, which kept its WAL', async () => {
    let isLoaded = true;
    const load = (async () => {
      while (isLoaded) await one.sql('INSERT INTO item SELECT generate_series(1000, 1099)');
    })();
    must(await cloneFrom(three, one, two));
    expect(readFileSync(join(three.options.dataDirectory, 'backup_label'), 'utf8')).toContain(
      'BACKUP FROM: standby',
    );
    const slot = (await up(one.postgres)).slots.find(({ name }) => name === slotName('mn3'));
    expect(slot).toMatchObject({ active: false, lost: false });
    must(await three.postgres.startStandby(one.upstream, limitMs));
    await streams(three);
    isLoaded = false;
    await load;
    await caughtUp(three, one);
    expect(await rows(three)).toEqual(await rows(one));
  }, 120_000);

  test('fails when the standby goes away under it, names it, and leaves the old data; then one is read from the primary', async () => {
    must(await three.postgres.stop('fast', limitMs));
    const marker = join(three.options.stateDirectory, 'postgres-job.json');
    const cloning = cloneFrom(three, one, two);
    const copier = { pid: 0 };
    await until('pg_basebackup runs', limitMs, async () => {
      const text = existsSync(marker) ? readFileSync(marker, 'utf8') : '{}';
      copier.pid = Number((JSON.parse(text) as { pid?: number }).pid ?? 0);
      return copier.pid > 1;
    });
    process.kill(-copier.pid, 'SIGSTOP');
    expect((await view(three.postgres)).copy).toMatchObject({ kind: 'clone', from: 'mn2' });
    must(await two.postgres.stop('immediate', limitMs));
    process.kill(-copier.pid, 'SIGCONT');
    expect(await cloning).toMatchObject({ ok: false, error: { code: 'tool-failed' } });
    expect(existsSync(join(three.options.dataDirectory, 'PG_VERSION'))).toBe(true);
    const down = await cloneFrom(three, one, two);
    expect(down.ok ? '' : down.error.message).toMatch(/^The standby mn2 cannot be cloned from: /);
    must(await three.postgres.clone(one.upstream, limitMs));
    must(await three.postgres.startStandby(one.upstream, limitMs));
    await streams(three);
  }, 120_000);

  test('is refused where the standby does not stream, is none, or is on an older timeline', async () => {
    must(await two.postgres.startStandby(undefined, limitMs));
    must(await three.postgres.stop('fast', limitMs));
    const idle = await cloneFrom(three, one, two);
    expect(idle.ok ? '' : idle.error.message).toBe(
      'The standby mn2 cannot be cloned from: it does not stream.',
    );
    const primary = await cloneFrom(three, one, one);
    expect(primary.ok ? '' : primary.error.message).toBe(
      'The standby mn1 cannot be cloned from: it is no standby now.',
    );
    must(await three.postgres.startStandby(one.upstream, limitMs));
    must(await two.postgres.follow(one.upstream, limitMs));
    await streams(two);
    await streams(three);
    const four = await cluster.node('mn4');
    // mn3 has all that mn2 has, and goes on without it.
    must(await two.postgres.follow(undefined, limitMs));
    await caughtUp(three, two);
    must(await three.postgres.promote(limitMs, always));
    must(await two.postgres.follow(one.upstream, limitMs));
    await streams(two);
    const older = await cloneFrom(four, three, two);
    expect(older.ok ? '' : older.error.message).toMatch(
      /^The standby mn2 cannot be cloned from: it streams timeline \d, and the primary writes \d\.$/,
    );
    expect((await view(four.postgres)).data.kind).toBe('absent');
    must(await two.postgres.stop('fast', limitMs));
    must(await two.postgres.rewind(three.upstream, limitMs));
    must(await two.postgres.startStandby(three.upstream, limitMs));
    await streams(two);
    must(await cloneFrom(four, three, two));
    must(await four.postgres.startStandby(three.upstream, limitMs));
    await streams(four);
    await caughtUp(four, three);
    expect(await rows(four)).toEqual(await rows(three));
  }, 120_000);
});
