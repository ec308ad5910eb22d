import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { always } from '@hamn/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPostgres, type Postgres } from './postgres.ts';
import { must, until, up, view } from './testing/expecting.ts';
import { initialise, makeCluster, type TestCluster, type TestNode } from './testing/test-node.ts';

let cluster: TestCluster;
let one: TestNode;
let two: TestNode;
/** The node under the settings of the moment, as a new hamnd would see it. */
let now: Postgres;

const limitMs = 20_000;

const file = (node: TestNode): string =>
  readFileSync(join(node.options.includeDirectory, 'hamn.conf'), 'utf8');

const setting = async (node: TestNode, name: string): Promise<unknown> =>
  (await node.sql(`SELECT setting, pending_restart FROM pg_settings WHERE name = '${name}'`))[0];

function withParameters(node: TestNode, parameters: Readonly<Record<string, string>>): Postgres {
  now.close();
  now = createPostgres({ ...node.options, parameters }, node.deps);
  return now;
}

const outdated = async (postgres: Postgres): Promise<boolean | undefined> =>
  (await view(postgres)).configured.outdated;

beforeAll(async () => {
  cluster = makeCluster();
  one = await cluster.node('mn1');
  two = await cluster.node('mn2', 'rhel');
  now = one.restarted();
  initialise(one);
  initialise(two);
  must(await one.postgres.startStandby(undefined, limitMs));
  must(await one.postgres.promote(limitMs, always));
  must(await two.postgres.clone(one.upstream, 60_000));
  must(await two.postgres.startStandby(one.upstream, limitMs));
}, 300_000);
afterAll(async () => {
  now.close();
  await cluster.close();
});

describe('the cluster’s settings of PostgreSQL', () => {
  test('are seen to be missing, and put in force without a restart where that is enough', async () => {
    expect(await outdated(withParameters(one, {}))).toBe(false);
    const postgres = withParameters(one, { work_mem: '9MB', max_connections: '130' });
    expect(await outdated(postgres)).toBe(true);
    must(await postgres.applySettings(limitMs));
    await until('work_mem is in force', limitMs, async () => {
      const row = await setting(one, 'work_mem');
      return JSON.stringify(row) === '{"setting":"9216","pending_restart":false}';
    });
    expect(await setting(one, 'max_connections')).toEqual({ setting: '100', pending_restart: true });
    expect(await outdated(postgres)).toBe(false);
    expect((await view(postgres)).problems?.join()).toContain('max_connections');
  });

  test('that the server does not take are left out and told: everything else is read', async () => {
    const postgres = withParameters(one, { work_mem: 'much', nonsense: '1', jit: 'off' });
    must(await postgres.applySettings(limitMs));
    await until('jit is off', limitMs, async () => JSON.stringify(await setting(one, 'jit')).includes('off'));
    expect(file(one)).not.toMatch(/nonsense|work_mem/);
    const problems = ((await view(postgres)).problems ?? []).join('\n');
    expect(problems).toContain('work_mem = much is not used: PostgreSQL does not take it (invalid value');
    expect(problems).toContain('nonsense = 1 is not used: PostgreSQL does not take it (unrecognized');
  });

  test('never take away what hamn needs', async () => {
    const postgres = withParameters(one, { max_wal_senders: '2', wal_keep_size: '2GB' });
    must(await postgres.applySettings(limitMs));
    expect(file(one)).toContain("max_wal_senders = '10'");
    expect(file(one)).toContain("wal_keep_size = '2GB'");
  });
});

describe('what a standby needs as high as its primary', () => {
  test('is not lowered by its own settings, whoever restarts first', async () => {
    must(await one.postgres.stop('fast', limitMs));
    const primary = withParameters(one, { max_connections: '120' });
    must(await primary.startStandby(undefined, limitMs));
    must(await primary.promote(limitMs, always));
    expect(await setting(one, 'max_connections')).toEqual({ setting: '120', pending_restart: false });
    await until('the standby has the WAL that says so', limitMs, async () => {
      const { server } = await view(two.postgres);
      return server.kind !== 'up' || (await replayed());
    });
    must(await two.postgres.stop('fast', limitMs));
    must(await two.postgres.startStandby(one.upstream, limitMs));
    expect(await setting(two, 'max_connections')).toEqual({ setting: '120', pending_restart: false });
    await until('it streams', limitMs, async () => (await up(two.postgres)).streaming);
  });

  test('is let go once it is primary itself', async () => {
    must(await one.postgres.stop('fast', limitMs));
    must(await two.postgres.promote(limitMs, always));
    await until('the file is out of date', limitMs, async () => (await outdated(two.postgres)) === true);
    must(await two.postgres.applySettings(limitMs));
    expect(file(two)).not.toContain('max_connections =');
    expect(await outdated(two.postgres)).toBe(false);
  });
});

/** The standby paused its replay at the change, which its control file has. */
async function replayed(): Promise<boolean> {
  const row = (await two.sql('SELECT pg_get_wal_replay_pause_state() AS it'))[0];
  return row?.['it'] === 'paused';
}
