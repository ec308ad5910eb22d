import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { always } from '@hamn/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findPostmaster } from './process/postmaster.ts';
import { must, timed, until, up, view } from './testing/expecting.ts';
import { initialise, makeCluster, type TestCluster, type TestNode } from './testing/test-node.ts';

let cluster: TestCluster;
/** Debian's layout, and RHEL's: the configuration inside the data directory. */
let one: TestNode;
let two: TestNode;

const rows = async (node: TestNode): Promise<unknown> =>
  (await node.sql('SELECT json_agg(id ORDER BY id) AS ids FROM item'))[0]?.['ids'];

const streams = (node: TestNode): Promise<true> =>
  until(`${node.name} streams`, 8000, async () => (await up(node.postgres)).streaming);

const postmaster = (node: TestNode): number =>
  Number(readFileSync(join(node.options.dataDirectory, 'postmaster.pid'), 'utf8').split('\n')[0]);

/** A signal is delivered when the kernel finds the time: what comes next would find the server alive. */
async function kill(node: TestNode): Promise<void> {
  const { dataDirectory } = node.options;
  process.kill(postmaster(node), 'SIGKILL');
  await until('the postmaster dies', 10_000, async () => (await findPostmaster(dataDirectory)) === undefined);
}

const beside = (node: TestNode): string[] =>
  readdirSync(dirname(node.options.dataDirectory))
    .filter((name) => name.includes('hamn-'))
    .sort();

/** What was set aside beside the data, with its report. */
const diverged = (node: TestNode): { readonly files: string[]; readonly report: unknown }[] =>
  beside(node)
    .filter((name) => name.includes('.hamn-diverged-'))
    .map((name) => {
      const path = join(dirname(node.options.dataDirectory), name);
      return {
        files: readdirSync(path),
        report: JSON.parse(readFileSync(join(path, 'report.json'), 'utf8')) as unknown,
      };
    });

const marker = (node: TestNode): string => join(node.options.stateDirectory, 'postgres-job.json');

beforeAll(async () => {
  cluster = makeCluster();
  one = await cluster.node('mn1');
  two = await cluster.node('mn2', 'rhel');
  initialise(one);
  initialise(two);
  appendFileSync(join(two.options.dataDirectory, 'pg_hba.conf'), "# the admin's own line\n");
  must(await one.postgres.startStandby(undefined, 10_000));
  must(await one.postgres.promote(10_000, always));
  await one.sql('CREATE TABLE item(id int)');
  await one.sql('INSERT INTO item VALUES (1)');
}, 60_000);
afterAll(() => cluster.close());

describe('a node that comes back', () => {
  test('data of another system is cloned, not rewound', async () => {
    expect(await two.postgres.rewind(one.upstream, 20_000)).toMatchObject({
      ok: false,
      error: { code: 'other-system' },
    });
    expect((await view(two.postgres)).data.kind).toBe('present');
  });

  test('a clone that was begun and did not end is told, and made whole by another one', async () => {
    writeFileSync(marker(two), JSON.stringify({ kind: 'clone', startedAt: 'yesterday' }));
    expect((await view(two.postgres)).data).toEqual({ kind: 'incomplete', by: 'clone' });
    expect(await two.postgres.startStandby(one.upstream, 2000)).toMatchObject({
      ok: false,
      error: { code: 'files' },
    });
    expect(await two.postgres.rewind(one.upstream, 2000)).toMatchObject({
      ok: false,
      error: { code: 'files' },
    });
    rmSync(marker(two));
  });

  test("a clone keeps the admin's files, and the old data until it has streamed", async () => {
    must(await two.postgres.clone(one.upstream, 20_000));
    expect(beside(two)).toEqual(['data.hamn-old-1']);
    expect(existsSync(marker(two))).toBe(false);
    expect(readFileSync(join(two.options.dataDirectory, 'pg_hba.conf'), 'utf8')).toContain(
      "admin's own line",
    );
    must(await two.postgres.startStandby(one.upstream, 10_000));
    await streams(two);
    expect(await rows(two)).toEqual([1]);
    await until('the old data goes', 5000, async () => {
      await view(two.postgres);
      return beside(two).length === 0;
    });
  });

  test('a primary that diverged and crashed is rewound', async () => {
    must(await two.postgres.promote(10_000, always));
    await two.sql('INSERT INTO item VALUES (2)');
    await one.sql('INSERT INTO item VALUES (99)');
    await kill(one);
    const rewinding = await timed(() => one.postgres.rewind(two.upstream, 20_000));
    const report = must(rewinding.value);
    console.log(`rewind of a crashed primary: ${rewinding.ms} ms`);
    expect(report?.lost).toBe(true);
    expect(report?.message).toMatch(
      /^1 transaction was committed here \(rows: 1 inserted, 0 updated, 0 deleted, in 1 relation\) on timeline 2 after 0\/\w+, which mn2 lacks\./,
    );
    const [kept] = diverged(one);
    expect(kept?.report).toMatchObject({
      source: 'mn2',
      commits: 1,
      relations: [{ database: 'postgres', name: 'item', inserted: 1, updated: 0, deleted: 0 }],
    });
    expect(kept?.files.filter((name) => /^00000002[0-9A-F]{16}$/.test(name))).not.toEqual([]);
    expect(await view(one.postgres)).toMatchObject({
      server: { kind: 'down' },
      data: { kind: 'present', standbySignal: true },
    });
    must(await one.postgres.startStandby(two.upstream, 10_000));
    await streams(one);
    expect(await rows(one)).toEqual([1, 2]);
    expect((await up(one.postgres)).timeline).toBe((await up(two.postgres)).timeline);
  });

  test("a primary in RHEL's layout that was stopped is rewound and keeps its own files", async () => {
    must(await one.postgres.promote(10_000, always));
    await two.sql('INSERT INTO item VALUES (98)');
    must(await two.postgres.stop('fast', 5000));
    expect(must(await two.postgres.rewind(one.upstream, 20_000))?.message).toMatch(/^1 transaction was/);
    await until('what was set aside is shown', 5000, async () => {
      const [shown] = (await view(two.postgres)).diverged ?? [];
      return shown?.summary.startsWith('1 transaction was committed here') === true;
    });
    expect(readFileSync(join(two.options.dataDirectory, 'pg_hba.conf'), 'utf8')).toContain(
      "admin's own line",
    );
    must(await two.postgres.startStandby(one.upstream, 10_000));
    await streams(two);
    expect(await rows(two)).toEqual([1, 2]);
  });

  test('a standby that was killed with more than the promoted one has is rewound', async () => {
    const three = await cluster.node('mn3');
    must(await three.postgres.clone(one.upstream, 20_000));
    must(await three.postgres.startStandby(one.upstream, 10_000));
    await streams(three);
    must(await two.postgres.follow(undefined, 5000));
    await until('it stopped streaming', 5000, async () => !(await up(two.postgres)).streaming);
    await one.sql('INSERT INTO item SELECT generate_series(100, 199)');
    const ahead = (await up(one.postgres)).flushedLsn;
    await until('mn3 has it', 5000, async () => (await up(three.postgres)).flushedLsn >= ahead);
    must(await one.postgres.stop('immediate', 5000));
    await kill(three);
    must(await two.postgres.promote(5000, always));
    await two.sql('INSERT INTO item VALUES (3)');
    expect(must(await three.postgres.rewind(two.upstream, 20_000))?.message).toMatch(
      /^1 transaction was committed here \(rows: 100 inserted/,
    );
    must(await three.postgres.startStandby(two.upstream, 10_000));
    await streams(three);
    expect(await rows(three)).toEqual([1, 2, 3]);
    must(await three.postgres.stop('fast', 5000));
    must(await one.postgres.rewind(two.upstream, 20_000));
    must(await one.postgres.startStandby(two.upstream, 10_000));
    await streams(one);
  });

  test('a rewind whose source is away leaves the data as it was', async () => {
    must(await one.postgres.stop('fast', 5000));
    const nowhere = { ...two.upstream, port: 1 };
    expect(await one.postgres.rewind(nowhere, 5000)).toMatchObject({ ok: false, error: { code: 'down' } });
    expect((await view(one.postgres)).data.kind).toBe('present');
  });

  test('a source that refuses replication names the line for its pg_hba.conf', async () => {
    const hba = join(two.options.dataDirectory, 'pg_hba.conf');
    const text = readFileSync(hba, 'utf8');
    writeFileSync(hba, text.replace(/^host replication.*$/m, ''));
    await two.sql('SELECT pg_reload_conf()');
    const refused = await one.postgres.clone(two.upstream, 10_000);
    expect(refused).toMatchObject({ ok: false, error: { code: 'tool-failed' } });
    expect(refused.ok ? '' : refused.error.message).toMatch(
      /host replication hamn 127\.0\.0\.\d+\/32 scram-sha-256/,
    );
    writeFileSync(hba, text);
    await two.sql('SELECT pg_reload_conf()');
    expect((await view(one.postgres)).data).toEqual({ kind: 'incomplete', by: 'clone' });
    must(await one.postgres.clone(two.upstream, 10_000));
    must(await one.postgres.startStandby(two.upstream, 10_000));
    await streams(one);
  });

  test('a clone whose program is killed is told and leaves the old data; the next one, by another hamnd and under load, is whole', async () => {
    must(await one.postgres.stop('fast', 5000));
    const cloning = one.postgres.clone(two.upstream, 30_000);
    const copier = { pid: 0 };
    await until('pg_basebackup runs', 10_000, async () => {
      const text = existsSync(marker(one)) ? readFileSync(marker(one), 'utf8') : '{}';
      copier.pid = Number((JSON.parse(text) as { pid?: number }).pid ?? 0);
      return copier.pid > 1;
    });
    process.kill(-copier.pid, 'SIGSTOP');
    expect((await view(one.postgres)).copy).toMatchObject({ kind: 'clone', from: 'mn2' });
    process.kill(-copier.pid, 'SIGKILL');
    expect(await cloning).toMatchObject({ ok: false, error: { code: 'tool-failed' } });
    const seen = await view(one.postgres);
    expect(seen.data).toEqual({ kind: 'incomplete', by: 'clone' });
    expect(seen.copy).toBeUndefined();
    expect(existsSync(join(one.options.dataDirectory, 'PG_VERSION'))).toBe(true);

    let isLoaded = true;
    const load = (async () => {
      while (isLoaded) await two.sql('INSERT INTO item SELECT generate_series(1000, 1099)');
    })();
    const next = one.restarted();
    must(await next.clone(two.upstream, 30_000));
    next.close();
    expect(beside(one).filter((name) => name.endsWith('.hamn-clone'))).toEqual([]);
    must(await one.postgres.startStandby(two.upstream, 10_000));
    await streams(one);
    isLoaded = false;
    await load;
    const end = (await up(two.postgres)).flushedLsn;
    await until('all is replayed', 10_000, async () => ((await up(one.postgres)).replayedLsn ?? 0n) >= end);
    expect(await rows(one)).toEqual(await rows(two));
  });

  test('a disk that is too small, and a data directory that is a mount point, are refused with the remedy', async () => {
    const four = await cluster.node('mn4');
    const home = dirname(four.options.dataDirectory);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m,mode=755', 'hamn-test', home]);
    try {
      mkdirSync(four.options.stateDirectory);
      writeFileSync(four.options.passwordFile, readFileSync(two.options.passwordFile), { mode: 0o600 });
      const small = await four.postgres.clone(two.upstream, 10_000);
      expect(small).toMatchObject({ ok: false, error: { code: 'no-space' } });
      expect(small.ok ? '' : small.error.message).toMatch(/needs \d+ MB .* \d+ MB are free/);
      expect((await view(four.postgres)).data.kind).toBe('absent');
      mkdirSync(four.options.dataDirectory);
      execFileSync('mount', ['-t', 'tmpfs', 'hamn-test', four.options.dataDirectory]);
      const mounted = await four.postgres.clone(two.upstream, 10_000);
      execFileSync('umount', [four.options.dataDirectory]);
      writeFileSync(join(home, 'ballast'), Buffer.alloc(62 * 1024 * 1024));
      execFileSync('sh', ['-c', `cat /dev/zero > '${home}/rest' || true`], { stdio: 'ignore' });
      const full = await four.postgres.clone(two.upstream, 10_000);
      expect(full).toMatchObject({ ok: false, error: { code: 'no-space' } });
      expect(mounted).toMatchObject({ ok: false, error: { code: 'files' } });
      expect(mounted.ok ? '' : mounted.error.message).toContain('is a mount point');
    } finally {
      execFileSync('umount', [home]);
    }
  });
}, 60_000);
