import { alone, claimOf, type NodeId } from '@hamn/core';
import { always } from '@hamn/engine';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { placeholderName } from './files/synchronous-names.ts';
import { must, timed, until, up, view } from './testing/expecting.ts';
import { initialise, makeCluster, type TestCluster, type TestNode } from './testing/test-node.ts';

let cluster: TestCluster;
let one: TestNode;
let two: TestNode;
let three: TestNode;
let both: readonly NodeId[];

beforeAll(async () => {
  cluster = makeCluster();
  one = await cluster.node('mn1');
  two = await cluster.node('mn2');
  three = await cluster.node('mn3');
  both = [two.options.node, three.options.node];
  initialise(one);
  must(await one.postgres.startStandby(undefined, 10_000));
  must(await one.postgres.promote(10_000, always));
  await one.sql('CREATE TABLE item(id int)');
  for (const node of [two, three]) {
    must(await node.postgres.clone(one.upstream, 20_000));
    must(await node.postgres.startStandby(one.upstream, 10_000));
    await streams(node);
  }
}, 60_000);
afterAll(() => cluster.close());

const frozen: number[] = [];
const thawAll = (): void => {
  for (const pid of frozen.splice(0)) process.kill(pid, 'SIGCONT');
};
afterEach(thawAll);

const streams = (node: TestNode): Promise<unknown> =>
  until(`${node.name} streams`, 5000, async () => (await up(node.postgres)).streaming);

/** Its WAL receiver stands still: it flushes and reports nothing. */
async function freeze(node: TestNode): Promise<void> {
  const [row] = await node.sql('SELECT pid FROM pg_stat_wal_receiver');
  const pid = Number(row?.['pid']);
  process.kill(pid, 'SIGSTOP');
  frozen.push(pid);
}

const namesNow = async (): Promise<unknown> =>
  (await one.sql("SELECT current_setting('synchronous_standby_names') AS it"))[0]?.['it'];

/** Whether a commit is acknowledged within the time. */
async function commits(withinMs: number): Promise<boolean> {
  const client = one.session();
  const done = await client.query('INSERT INTO item VALUES (1)', withinMs);
  client.close();
  return done.ok;
}

const senders = async (node: TestNode): Promise<readonly unknown[]> =>
  (await node.sql('SELECT application_name AS it FROM pg_stat_replication')).map((row) => row['it']);

describe('any k of the names', () => {
  test('are proven, and one that stands still costs nothing', async () => {
    const proof = await timed(() => one.postgres.setSynchronous(claimOf(both, 1), 5000));
    must(proof.value);
    console.log(`any 1 of 2 proven in ${proof.ms} ms`);
    expect(await up(one.postgres)).toMatchObject({ waitsFor: ['mn2', 'mn3'], waitsForAny: 1 });
    expect((await view(one.postgres)).configured).toMatchObject({ synchronous: ['mn2', 'mn3'], quorum: 1 });
    expect(await namesNow()).toBe('ANY 1 ("mn2", "mn3")');
    await freeze(two);
    expect(await commits(3000)).toBe(true);
    await freeze(three);
    expect(await commits(300)).toBe(false);
  });

  test('of one left of them every sender has heard before that counts', async () => {
    const proof = await timed(() => one.postgres.setSynchronous(claimOf([two.options.node]), 5000));
    must(proof.value);
    console.log(`1 of 2 narrowed to one name in ${proof.ms} ms`);
    expect(await up(one.postgres)).toMatchObject({ waitsFor: ['mn2'], waitsForAny: undefined });
    // In ANY its place was 1 as well: only another place tells that its WAL sender has read the new list.
    expect(await namesNow()).toBe(`FIRST 1 ("${placeholderName}", "mn2")`);
    await freeze(two);
    expect(await commits(300)).toBe(false);
  });

  test('more of them again need no proof, fewer of more do', async () => {
    must(await one.postgres.setSynchronous(claimOf(both, 1), 5000));
    expect(await namesNow()).toBe('ANY 1 ("mn2", "mn3")');
    must(await one.postgres.setSynchronous(claimOf(both), 5000));
    expect((await up(one.postgres)).waitsForAny).toBeUndefined();
    await freeze(three);
    expect(await commits(300)).toBe(false);
    thawAll();
    must(await one.postgres.setSynchronous(claimOf(both, 1), 5000));
    await freeze(three);
    expect(await commits(3000)).toBe(true);
  });

  test('hold from the start of a server, and are unknown to a new hamnd that finds them reloaded', async () => {
    const fresh = one.restarted();
    expect((await up(fresh)).waitsFor).toEqual([]);
    must(await fresh.setSynchronous(claimOf(both, 1), 5000));
    expect(await up(fresh)).toMatchObject({ waitsFor: ['mn2', 'mn3'], waitsForAny: 1 });
    fresh.close();
    must(await one.postgres.stop('fast', 5000));
    must(await one.postgres.startPrimary(5000, always));
    expect(await up(one.postgres)).toMatchObject({ waitsFor: ['mn2', 'mn3'], waitsForAny: 1 });
    await streams(two);
    await streams(three);
  });
}, 30_000);

describe('a standby that is cut off', () => {
  test('receives nothing more, and says how far it is', async () => {
    must(await one.postgres.setSynchronous(claimOf(both, 1), 5000));
    expect(await commits(3000)).toBe(true);
    const cut = await timed(() => three.postgres.detach(5000));
    const at = must(cut.value);
    console.log(`cut off in ${cut.ms} ms`);
    expect(await senders(one)).toEqual(['mn2']);
    expect((await view(three.postgres)).configured.upstream).toBeUndefined();
    expect(await commits(3000)).toBe(true);
    expect(await up(three.postgres)).toMatchObject({ flushedLsn: at, streaming: false });
    // With nobody who receives, nobody acknowledges.
    const last = must(await two.postgres.detach(5000));
    expect(last).toBeGreaterThan(at);
    expect(await commits(300)).toBe(false);
    expect((await up(two.postgres)).flushedLsn).toBe(last);
    for (const node of [two, three]) {
      must(await node.postgres.follow(one.upstream, 5000));
      await streams(node);
    }
    expect(await commits(3000)).toBe(true);
  });

  test('receives nothing while it replays either; how far it is, is told when all is replayed', async () => {
    await three.sql('SELECT pg_wal_replay_pause()');
    expect(await commits(3000)).toBe(true);
    const refused = await three.postgres.detach(4000);
    expect(refused).toMatchObject({ ok: false, error: { code: 'not-proven' } });
    expect(refused.ok ? '' : refused.error.message).toContain('pg_wal_replay_resume');
    await until('its receiver has ended', 3000, async () => !(await senders(one)).includes('mn3'));
    const [row] = await three.sql('SELECT pg_last_wal_receive_lsn()::text AS it');
    await three.sql('SELECT pg_wal_replay_resume()');
    const at = must(await three.postgres.detach(5000));
    const [now] = await three.sql(`SELECT ('0/0'::pg_lsn + ${at}) >= '${String(row?.['it'])}'::pg_lsn AS it`);
    expect(now?.['it']).toBe(true);
  });

  test('says after a start without an upstream how far its own WAL goes', async () => {
    must(await three.postgres.follow(one.upstream, 5000));
    await streams(three);
    expect(await commits(3000)).toBe(true);
    await until('it has it', 3000, async () => {
      const behind = (await up(one.postgres)).standbys.find(({ node }) => node === 'mn3');
      return behind?.flushedLsn === (await up(one.postgres)).flushedLsn;
    });
    const before = (await up(three.postgres)).flushedLsn;
    must(await three.postgres.stop('immediate', 5000));
    must(await three.postgres.startStandby(undefined, 10_000));
    expect(must(await three.postgres.detach(5000))).toBeGreaterThanOrEqual(before);
  });

  test('is let go by a standby that it received from, too', async () => {
    must(await three.postgres.follow(two.upstream, 5000));
    await until('two sends to three', 5000, async () => (await senders(two)).includes('mn3'));
    must(await three.postgres.detach(5000));
    expect(await senders(two)).toEqual([]);
    must(await three.postgres.follow(one.upstream, 5000));
    await streams(three);
  });

  test('must be a standby', async () => {
    expect(await one.postgres.detach(1000)).toMatchObject({ ok: false, error: { code: 'not-standby' } });
    must(await one.postgres.setSynchronous(alone, 5000));
  });
}, 30_000);
