import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { alone, isFull, type StorageView } from '@hamn/core';
import { always } from '@hamn/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Postgres } from './postgres.ts';
import { must, until, up, view } from './testing/expecting.ts';
import { initialise, makeCluster, type TestCluster, type TestNode } from './testing/test-node.ts';

/** Disks that are full, read-only or hang, under a real server: data and WAL each on a file system of its own. */
let cluster: TestCluster;
let node: TestNode;
let home: string;
let wal: string;

const shell = (command: string): void => {
  execFileSync('sh', ['-c', command], { stdio: 'ignore' });
};
const asRoot = (program: string, ...args: readonly string[]): void => {
  execFileSync(program, args, { stdio: 'ignore' });
};
const fill = (directory: string): void => shell(`cat /dev/zero > '${directory}/ballast' || true`);
const startPrimary = (): ReturnType<Postgres['startPrimary']> => node.postgres.startPrimary(15_000, always);

/** The watch looks every five seconds. */
const storageThat = (what: string, fits: (views: readonly StorageView[]) => boolean) =>
  until(what, 20_000, async () => {
    const seen = await node.postgres.observe(2000);
    const storage = seen.ok ? seen.value.storage : undefined;
    return storage !== undefined && fits(storage) ? storage : undefined;
  });
const byHolds = (views: readonly StorageView[], holds: StorageView['holds']): StorageView | undefined =>
  views.find((one) => one.holds === holds);

beforeAll(async () => {
  cluster = makeCluster();
  node = await cluster.node('mn1');
  home = node.options.dataDirectory;
  wal = join(dirname(home), 'wal');
  for (const directory of [home, wal]) {
    mkdirSync(directory);
    asRoot('mount', '-t', 'tmpfs', '-o', 'size=400m,mode=700', 'hamn-test', directory);
    asRoot('chown', 'postgres:postgres', directory);
  }
  initialise(node);
  shell(`cp -a '${home}/pg_wal/.' '${wal}/'`);
  renameSync(join(home, 'pg_wal'), join(home, 'pg_wal.old'));
  symlinkSync(wal, join(home, 'pg_wal'));
  rmSync(join(home, 'pg_wal.old'), { recursive: true });
  must(await node.postgres.setSynchronous(alone, 5000));
  must(await startPrimary());
}, 60_000);
afterAll(async () => {
  node.postgres.close();
  await node.postgres.stop('immediate', 10_000);
  for (const directory of [home, wal]) asRoot('umount', '-l', directory);
  await cluster.close();
});

describe('storage that is well', () => {
  test('is looked at with a write of its own, data and WAL each', async () => {
    const seen = await storageThat('the first look has ended', () => true);
    expect(seen.map(({ holds, state }) => [holds, state])).toEqual([
      ['data', 'well'],
      ['wal', 'well'],
    ]);
    expect(byHolds(seen, 'wal')?.freeBytes).toBeGreaterThan(0);
    expect(byHolds(seen, 'wal')?.totalBytes).toBe(400 * 1024 * 1024);
  });
});

describe('a full disk', () => {
  test('of the WAL ends the server; the next start says where room is missing, and works when there is some', async () => {
    await node.sql('CREATE TABLE item(id int, text text)');
    fill(wal);
    const load = node.session();
    const text = "INSERT INTO item SELECT i, repeat('x', 1000) FROM generate_series(1, 200000) i";
    const written = await load.query(text, 30_000);
    load.close();
    expect(written.ok).toBe(false);
    await until('it is down', 20_000, async () => {
      const seen = await node.postgres.observe(2000);
      return seen.ok && seen.value.server.kind === 'down';
    });
    const seen = await storageThat('the WAL is full', (views) => views.some(isFull));
    expect(seen.filter(isFull).map(({ holds }) => holds)).toEqual(['wal']);
    const refused = await startPrimary();
    expect(refused).toMatchObject({ ok: false, error: { code: 'no-space' } });
    expect(refused.ok ? '' : refused.error.message).toMatch(/are free under .*pg_wal\./);
    rmSync(join(wal, 'ballast'));
    await storageThat('there is room', (views) => !views.some(isFull));
    must(await startPrimary());
    expect(await up(node.postgres)).toMatchObject({ inRecovery: false, timeline: 1 });
  }, 120_000);

  test('of the data is told of before PostgreSQL stops, and takes no writes of its tables', async () => {
    fill(home);
    const seen = await storageThat('the data are full', (views) => views.some(isFull));
    expect(seen.filter(isFull).map(({ holds }) => holds)).toEqual(['data']);
    const load = node.session();
    const text = "INSERT INTO item SELECT i, repeat('x', 1000) FROM generate_series(1, 20000) i";
    const written = await load.query(text, 30_000);
    load.close();
    expect(written.ok ? '' : written.error.message).toMatch(/No space left on device/);
    expect((await view(node.postgres)).server.kind).toBe('up');
    rmSync(join(home, 'ballast'));
  }, 60_000);
});

describe('storage that hangs', () => {
  test('is told after storageTimeout, while the server is still looked at, and is well again afterwards', async () => {
    Object.assign(node.options, { storageTimeoutMs: 1000 });
    const fresh = node.restarted();
    const probe = join(wal, 'pgsql_tmp_hamn_probe');
    // Who opens a pipe that nobody reads waits: so does the write of the watch, as on a disk that does not answer.
    rmSync(probe, { force: true });
    asRoot('mkfifo', probe);
    asRoot('chown', 'postgres:postgres', probe);
    const find = (state: StorageView['state']): Promise<StorageView> =>
      until(state, 20_000, async () => {
        const { server, storage } = await view(fresh);
        expect(server.kind).toBe('up');
        const found = byHolds(storage ?? [], 'wal');
        return found?.state === state ? found : undefined;
      });
    expect((await find('hung')).reason).toMatch(/have not come back for 1000 ms/);
    rmSync(probe);
    await find('well');
    fresh.close();
  }, 60_000);
});

describe('storage that was mounted read-only', () => {
  test('is told, and a start says so in PostgreSQL’s own words', async () => {
    must(await node.postgres.stop('fast', 10_000));
    asRoot('mount', '-o', 'remount,ro', home);
    const seen = await storageThat('it is read-only', (views) => views.some((one) => one.state !== 'well'));
    expect(byHolds(seen, 'data')).toMatchObject({ state: 'read-only' });
    expect(byHolds(seen, 'wal')).toMatchObject({ state: 'well' });
    const refused = await startPrimary();
    expect(refused.ok ? '' : refused.error.message).toMatch(/Read-only file system/);
    asRoot('mount', '-o', 'remount,rw', home);
    must(await startPrimary());
  }, 60_000);
});
