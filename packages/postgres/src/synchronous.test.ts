import { alone, claimOf, nodeId } from '@hamn/core';
import { always } from '@hamn/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { must, timed, until, up, view } from './testing/expecting.ts';
import { initialise, makeCluster, type TestCluster, type TestNode } from './testing/test-node.ts';

let cluster: TestCluster;
let one: TestNode;
let two: TestNode;
let three: TestNode;

beforeAll(async () => {
  cluster = makeCluster();
  one = await cluster.node('mn1');
  two = await cluster.node('mn2');
  three = await cluster.node('mn3');
  initialise(one);
  must(await one.postgres.startStandby(undefined, 10_000));
  must(await one.postgres.promote(10_000, always));
  await one.sql('CREATE TABLE item(id int)');
  for (const node of [two, three]) {
    must(await node.postgres.clone(one.upstream, 20_000));
    must(await node.postgres.startStandby(one.upstream, 10_000));
    await until('it streams', 5000, async () => (await up(node.postgres)).streaming);
  }
}, 60_000);
afterAll(() => cluster.close());

describe('names that every commit waits for', () => {
  test('they are proven, and then in effect', async () => {
    const proof = await timed(() => one.postgres.setSynchronous(claimOf([two.options.node]), 5000));
    must(proof.value);
    console.log(`first name proven in ${proof.ms} ms`);
    expect(await up(one.postgres)).toMatchObject({ waitsFor: ['mn2'] });
    expect((await view(one.postgres)).configured.synchronous).toEqual(['mn2']);
    const again = await timed(() => one.postgres.setSynchronous(claimOf([two.options.node]), 5000));
    must(again.value);
    console.log(`the same name again: ${again.ms} ms`);
    must(await one.postgres.currentLsn(1000));
  });

  test('a second name changes every place, and is proven', async () => {
    const proof = await timed(() =>
      one.postgres.setSynchronous(claimOf([two.options.node, three.options.node]), 5000),
    );
    must(proof.value);
    console.log(`second name proven in ${proof.ms} ms`);
    expect((await view(one.postgres)).configured.synchronous).toEqual(['mn3', 'mn2']);
    expect([...(await up(one.postgres)).waitsFor].sort()).toEqual(['mn2', 'mn3']);
    expect((await up(one.postgres)).standbys.every(({ synchronous }) => synchronous)).toBe(true);
  });

  test('a new hamnd knows nothing until it has proved it again', async () => {
    const fresh = one.restarted();
    expect((await up(fresh)).waitsFor).toEqual([]);
    must(await fresh.setSynchronous(claimOf([two.options.node, three.options.node]), 5000));
    expect([...(await up(fresh)).waitsFor].sort()).toEqual(['mn2', 'mn3']);
    fresh.close();
  });

  test('fewer names release the commits that wait', async () => {
    must(await three.postgres.stop('fast', 5000));
    const client = one.session();
    const commit = client.query('INSERT INTO item VALUES (1)', 10_000);
    await until('it waits', 2000, async () => {
      const rows = await one.sql("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
      return rows.length > 0;
    });
    const fewer = await timed(() => one.postgres.setSynchronous(claimOf([two.options.node]), 5000));
    must(fewer.value);
    console.log(`a name taken away in ${fewer.ms} ms`);
    must(await commit);
    client.close();
    expect((await up(one.postgres)).waitsFor).toEqual(['mn2']);
    must(await one.postgres.setSynchronous(alone, 5000));
    expect((await up(one.postgres)).waitsFor).toEqual([]);
  });

  test('a command begun under the old setting holds the proof up until it ended', async () => {
    const client = one.session();
    const old = client.query('DO $$ BEGIN INSERT INTO item VALUES (2); PERFORM pg_sleep(3); END $$', 10_000);
    await until('it runs', 2000, async () => {
      const rows = await one.sql(
        "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO%'",
      );
      return rows.length > 0;
    });
    const early = await one.postgres.setSynchronous(claimOf([two.options.node]), 1500);
    expect(early).toMatchObject({ ok: false, error: { code: 'not-proven' } });
    expect(early.ok ? '' : early.error.message).toContain('command begun under the old setting');
    expect((await up(one.postgres)).waitsFor).toEqual([]);
    must(await one.postgres.setSynchronous(claimOf([two.options.node]), 5000));
    // It has ended, or its commit waits for the standby as is asked of it: its answer may still be on the way.
    const running = await one.sql(
      "SELECT wait_event FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO%' AND wait_event IS DISTINCT FROM 'SyncRep'",
    );
    expect(running).toEqual([]);
    must(await old);
    client.close();
    expect((await up(one.postgres)).waitsFor).toEqual(['mn2']);
  });

  test('a name whose standby is away is proven too: commits wait, and say so', async () => {
    must(await one.postgres.setSynchronous(alone, 5000));
    const proof = await timed(() => one.postgres.setSynchronous(claimOf([three.options.node]), 5000));
    must(proof.value);
    console.log(`an absent name proven in ${proof.ms} ms`);
    const client = one.session();
    expect(await client.query('INSERT INTO item VALUES (3)', 150)).toMatchObject({
      ok: false,
      error: { code: 'timeout' },
    });
    must(await one.postgres.setSynchronous(alone, 5000));
  });

  test('commits that do not wait by setting are not called proven', async () => {
    await one.sql("ALTER SYSTEM SET synchronous_commit = 'local'");
    await one.sql('SELECT pg_reload_conf()');
    const refused = await one.postgres.setSynchronous(claimOf([two.options.node]), 2000);
    expect(refused).toMatchObject({ ok: false, error: { code: 'not-proven' } });
    expect((await view(one.postgres)).problems?.join(' ')).toContain('synchronous_commit');
    await one.sql('ALTER SYSTEM RESET synchronous_commit');
    await one.sql('SELECT pg_reload_conf()');
    must(await one.postgres.setSynchronous(claimOf([two.options.node]), 5000));
  });

  test("an admin's ALTER SYSTEM over hamn's names is refused with the remedy", async () => {
    await one.sql("ALTER SYSTEM SET synchronous_standby_names = ''");
    const refused = await one.postgres.setSynchronous(claimOf([two.options.node, three.options.node]), 2000);
    expect(refused).toMatchObject({ ok: false, error: { code: 'files' } });
    expect(refused.ok ? '' : refused.error.message).toContain('ALTER SYSTEM RESET synchronous_standby_names');
    await one.sql('ALTER SYSTEM RESET synchronous_standby_names');
    must(await one.postgres.setSynchronous(claimOf([two.options.node]), 5000));
  });

  test('a candidate prepares its names, and has them from its promotion on', async () => {
    const prepared = await timed(() => two.postgres.setSynchronous(claimOf([nodeId('mn9')]), 5000));
    must(prepared.value);
    console.log(`names prepared on a standby in ${prepared.ms} ms`);
    must(await one.postgres.stop('immediate', 5000));
    must(await two.postgres.promote(5000, always));
    expect((await up(two.postgres)).waitsFor).toEqual(['mn9']);
    const client = two.session();
    expect(await client.query('INSERT INTO item VALUES (4)', 150)).toMatchObject({
      ok: false,
      error: { code: 'timeout' },
    });
    must(await two.postgres.setSynchronous(alone, 5000));
    must(await client.query('INSERT INTO item VALUES (5)', 2000));
    client.close();
  });

  test('names in the file hold from the start of a server', async () => {
    must(await two.postgres.stop('fast', 5000));
    must(await two.postgres.setSynchronous(claimOf([nodeId('mn9')]), 1000));
    must(await two.postgres.startPrimary(5000, always));
    expect((await up(two.postgres)).waitsFor).toEqual(['mn9']);
    must(await two.postgres.setSynchronous(alone, 5000));
  });
}, 30_000);
