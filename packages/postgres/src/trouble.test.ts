import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { alone, describeRecovery, recoveryLeft } from '@hamn/core';
import { always } from '@hamn/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session } from './session/session.ts';
import { must, timed, until, up, view } from './testing/expecting.ts';
import { initialise, makeCluster, type TestCluster, type TestNode } from './testing/test-node.ts';

/** Real servers that are ill, one way after the other. */
let cluster: TestCluster;
let one: TestNode;

const inData = (...path: readonly string[]): string => join(one.options.dataDirectory, ...path);
const configFile = (): string => join(one.options.includeDirectory, '..', 'postgresql.conf');
const postmaster = (): number => Number(readFileSync(inData('postmaster.pid'), 'utf8').split('\n')[0]);
const startPrimary = (limitMs = 15_000) => one.postgres.startPrimary(limitMs, always);

/** An admin's own lines, before the one that includes hamn's directory. */
const own = (...lines: readonly string[]): void =>
  writeFileSync(configFile(), `${lines.join('\n')}\n${readFileSync(configFile(), 'utf8')}`);

/** What takes as long as the disk does. */
async function writes(text: string): Promise<void> {
  const session = one.session();
  must(await session.query(text, 60_000));
  session.close();
}

beforeAll(async () => {
  cluster = makeCluster();
  one = await cluster.node('mn1');
  initialise(one);
  own('max_connections = 20', 'superuser_reserved_connections = 3', 'max_wal_size = 4GB');
  // hamn.conf first, then a start in place: a start as a standby would raise max_connections to what initdb left in pg_control.
  must(await one.postgres.setSynchronous(alone, 5000));
  must(await startPrimary());
  await one.sql('CREATE TABLE item(id int, text text)');
  await one.sql("CREATE ROLE clerk LOGIN PASSWORD 'clerk'");
}, 30_000);
afterAll(() => cluster.close());

describe('a backend that is killed', () => {
  test('PostgreSQL restarts by itself: the postmaster stays, and the server is starting, not down', async () => {
    const before = postmaster();
    const [row] = await one.sql('SELECT pg_backend_pid() AS it');
    expect(row).toBeDefined();
    const victim = one.session();
    const [own] = must(await victim.query('SELECT pg_backend_pid() AS pid', 2000));
    process.kill(Number(own?.['pid']), 'SIGKILL');
    const kinds = new Set<string>();
    await until('it is up again', 15_000, async () => {
      const seen = await one.postgres.observe(500);
      if (seen.ok && seen.value.server.kind === 'rejecting') expect(seen.value.server.cause).toBe('starting');
      kinds.add(seen.ok ? seen.value.server.kind : seen.error.code);
      const asked = await victim.query('SELECT pg_is_in_recovery() AS it', 500);
      return asked.ok && seen.ok && seen.value.server.kind === 'up';
    });
    victim.close();
    expect(kinds).not.toContain('down');
    expect(postmaster()).toBe(before);
    expect(await up(one.postgres)).toMatchObject({ inRecovery: false, timeline: 1 });
  });
});

describe('connections', () => {
  const sessions: Session[] = [];
  const occupy = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1) {
      const session = one.session();
      sessions.push(session);
      await session.query('SELECT 1', 2000);
    }
  };

  test('are told of before they are used up, with who uses them', async () => {
    await occupy(16);
    const fresh = one.restarted();
    const seen = await view(fresh);
    fresh.close();
    expect(seen.server.kind).toBe('up');
    expect(seen.problems?.join(' ')).toMatch(/1[6-9] of 20 connections are in use, most by hamn from 127/);
  });

  test('used up to the last one are no death: the kept session goes on, and a new hamnd sees a primary that lives', async () => {
    await view(one.postgres);
    await occupy(8);
    expect(await up(one.postgres)).toMatchObject({ inRecovery: false });
    const fresh = one.restarted();
    const seen = await view(fresh);
    fresh.close();
    expect(seen.server).toMatchObject({ kind: 'rejecting', cause: 'connections' });
    expect(seen.data).toMatchObject({ kind: 'present', state: 'in production', standbySignal: false });
    for (const session of sessions.splice(0)) session.close();
    await until('there is room again', 10_000, async () => {
      const again = one.restarted();
      const now = await view(again);
      again.close();
      return now.server.kind === 'up';
    });
  });
});

describe('crash recovery', () => {
  test('is measured before the start and shown while it runs; the limit of a start does not end it', async () => {
    await one.sql('CHECKPOINT');
    await writes("INSERT INTO item SELECT i, repeat('x', 1000) FROM generate_series(1, 150000) i");
    await writes('UPDATE item SET id = id + 1');
    process.kill(postmaster(), 'SIGKILL');
    const down = await until('it is down, and what it left is counted', 20_000, async () => {
      const seen = await one.postgres.observe(2000);
      if (!seen.ok || seen.value.server.kind !== 'down') return undefined;
      return seen.value.recovery === undefined ? undefined : seen.value;
    });
    const bytes = down.recovery === undefined ? 0 : recoveryLeft(down.recovery);
    expect(bytes).toBeGreaterThan(300_000_000);
    const began = performance.now();
    const early = await startPrimary(150);
    expect(early).toMatchObject({ ok: false, error: { code: expect.stringMatching(/recovering|timeout/) } });
    const phrases = new Set<string>();
    const replayed: number[] = [];
    const hurried = new Map<string, number>();
    await until('it is up', 120_000, async () => {
      // A machine that is busy with the replay leaves no time for a session’s answer.
      const look = await one.postgres.observe(2);
      const said = look.ok ? look.value.server.kind : look.error.code;
      hurried.set(said, (hurried.get(said) ?? 0) + 1);
      const seen = await one.postgres.observe(500);
      if (!seen.ok || seen.value.server.kind === 'up') return seen.ok;
      expect(seen.value.server).toMatchObject({ kind: 'rejecting', cause: 'starting' });
      const { recovery } = seen.value;
      if (recovery === undefined) return false;
      phrases.add(describeRecovery(recovery));
      replayed.push(bytes - recoveryLeft(recovery));
      return false;
    });
    const seconds = (performance.now() - began) / 1000;
    const megabytes = bytes / 1024 / 1024;
    console.log(
      `replayed ${megabytes.toFixed(0)} MB of WAL in ${seconds.toFixed(1)} s: ${(megabytes / seconds).toFixed(0)} MB/s; ${phrases.size} steps seen`,
    );
    expect(phrases.size).toBeGreaterThan(1);
    expect(hurried.get('rejecting')).toBeGreaterThan(0);
    // The checkpoint at the end is no new beginning.
    expect(replayed).toEqual(replayed.toSorted((a, b) => a - b));
    expect(await up(one.postgres)).toMatchObject({ inRecovery: false, timeline: 1 });
    expect((await view(one.postgres)).recovery).toBeUndefined();
  }, 180_000);
});

describe('a start that fails says why in PostgreSQL’s own words', () => {
  const stopped = async (): Promise<void> => {
    must(await one.postgres.stop('fast', 10_000));
  };
  const failed = async (): Promise<{ readonly code: string; readonly message: string }> => {
    const result = await startPrimary(20_000);
    if (result.ok) throw new Error('It started.');
    return result.error;
  };

  test('a broken line in postgresql.conf, and no secret', async () => {
    await stopped();
    const good = readFileSync(configFile(), 'utf8');
    writeFileSync(configFile(), `${good}shared_buffers = plenty\nprimary_conninfo = 'password=geheim\n`);
    const { code, message } = await failed();
    writeFileSync(configFile(), good);
    expect(code).toBe('unit-failed');
    expect(message).toMatch(/PostgreSQL says: .*(shared_buffers|postgresql\.conf)/);
    expect(message).not.toContain('geheim');
    must(await startPrimary());
  });

  test('a port in use', async () => {
    await stopped();
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(one.options.port, () => resolve()));
    const { code, message } = await failed();
    await new Promise((resolve) => server.close(resolve));
    expect(code).toBe('unit-failed');
    expect(message).toMatch(
      /PostgreSQL says: .*(Address already in use|could not create any TCP\/IP sockets)/,
    );
    must(await startPrimary());
  });

  test('a library that is not installed here', async () => {
    await stopped();
    const good = readFileSync(configFile(), 'utf8');
    own("shared_preload_libraries = 'pg_no_such_library'");
    const { code, message } = await failed();
    writeFileSync(configFile(), good);
    expect(code).toBe('unit-failed');
    expect(message).toMatch(/PostgreSQL says: .*could not access file "pg_no_such_library"/);
    must(await startPrimary());
  });

  test('permissions of the data directory', async () => {
    await stopped();
    chmodSync(one.options.dataDirectory, 0o777);
    const { code, message } = await failed();
    chmodSync(one.options.dataDirectory, 0o700);
    expect(code).toBe('unit-failed');
    expect(message).toMatch(/PostgreSQL says: .*has invalid permissions/);
    must(await startPrimary());
  });

  test('a stale postmaster.pid that names another process is passed over', async () => {
    await stopped();
    writeFileSync(
      inData('postmaster.pid'),
      `${process.pid}\n${one.options.dataDirectory}\n0\n${one.options.port}\n`,
    );
    must(await startPrimary());
    expect(await up(one.postgres)).toMatchObject({ inRecovery: false });
  });

  test('lost WAL with the checkpoint is damage of the data', async () => {
    await stopped();
    const control = execFileSync(
      `${one.options.binDirectory}/pg_controldata`,
      ['-D', one.options.dataDirectory],
      { encoding: 'utf8' },
    );
    const file = /REDO WAL file: +(\w+)/.exec(control)?.[1] ?? '';
    renameSync(inData('pg_wal', file), inData(`kept-${file}`));
    const { code, message } = await failed();
    renameSync(inData(`kept-${file}`), inData('pg_wal', file));
    expect(code).toBe('data-damaged');
    expect(message).toMatch(/could not locate a valid checkpoint record/);
    must(await startPrimary());
  });

  test('a garbled, a short and a missing pg_control are damage of the data, and are seen without a start', async () => {
    await stopped();
    const path = inData('global', 'pg_control');
    const whole = readFileSync(path);
    const garbled = Buffer.from(whole);
    garbled.fill(0x55, 40, 80);
    const damages: readonly (() => void)[] = [
      () => writeFileSync(path, garbled),
      () => truncateSync(path, 100),
      () => rmSync(path),
    ];
    for (const damage of damages) {
      damage();
      const { data, server } = await view(one.postgres);
      expect(server.kind).toBe('down');
      expect(data).toMatchObject({ kind: 'damaged', because: expect.stringMatching(/pg_control/) });
      if (damage === damages[2]) expect((await failed()).code).toBe('data-damaged');
      writeFileSync(path, whole, { mode: 0o600 });
      execFileSync('chown', ['postgres:postgres', path]);
    }
    must(await startPrimary());
  });
});

describe('a standby with lower settings than its primary', () => {
  test('is told at once, and its start raises them in hamn.conf', async () => {
    const two = await cluster.node('mn2');
    initialise(two);
    must(await two.postgres.clone(one.upstream, 60_000));
    must(await two.postgres.startStandby(one.upstream, 15_000));
    await until('it streams', 15_000, async () => (await up(two.postgres)).streaming);
    const two_ = await view(two.postgres);
    expect(two_.tooLow).toEqual([]);
    must(await one.postgres.stop('fast', 10_000));
    writeFileSync(
      configFile(),
      readFileSync(configFile(), 'utf8').replace('max_connections = 20', 'max_connections = 150'),
    );
    must(await startPrimary());
    const low = await until('it is seen', 30_000, async () => {
      const seen = await two.postgres.observe(1000);
      return seen.ok && (seen.value.tooLow?.length ?? 0) > 0 ? seen.value.tooLow : undefined;
    });
    expect(low).toEqual([{ name: 'max_connections', own: 100, needed: 150 }]);
    must(await two.postgres.stop('fast', 10_000));
    const raised = await timed(() => two.postgres.startStandby(one.upstream, 15_000));
    must(raised.value);
    expect(readFileSync(join(two.options.includeDirectory, 'hamn.conf'), 'utf8')).toContain(
      "max_connections = '150'",
    );
    await until('it is enough', 15_000, async () => (await view(two.postgres)).tooLow?.length === 0);
    must(await two.postgres.promote(10_000, always));
    expect(await up(two.postgres)).toMatchObject({ inRecovery: false });
  }, 120_000);
});

describe('the software', () => {
  test('is told: versions of PostgreSQL and the C library', async () => {
    const seen = await until('it has answered', 5000, async () => (await view(one.postgres)).software);
    expect(seen.postgres).toMatch(/^15\.\d+$/);
    expect(seen.libc).toMatch(/^2\.\d+$/);
    expect(seen.architecture).toBe(process.arch);
  });

  test('that sorts by another version than the database was made with is told', async () => {
    await one.sql("UPDATE pg_database SET datcollversion = '1.0' WHERE datname = 'postgres'");
    const fresh = one.restarted();
    const said = await until('it is told', 5000, async () =>
      (await view(fresh)).problems?.find((text) => /sorts text by another version/.test(text)),
    );
    fresh.close();
    await one.sql("UPDATE pg_database SET datcollversion = NULL WHERE datname = 'postgres'");
    expect(said).toMatch(/these databases were made with: postgres\. .*REINDEX DATABASE/);
  });

  test('without the locale of the database lets nobody in, and says which one to install', async () => {
    const inside = one.session();
    must(
      await inside.query(
        "UPDATE pg_database SET datcollate = 'xx_YY.UTF-8' WHERE datname = 'postgres'",
        2000,
      ),
    );
    const fresh = one.restarted();
    const seen = await fresh.observe(2000);
    fresh.close();
    must(await inside.query("UPDATE pg_database SET datcollate = 'C' WHERE datname = 'postgres'", 2000));
    inside.close();
    expect(seen).toMatchObject({ ok: false, error: { code: 'sql' } });
    expect(seen.ok ? '' : seen.error.message).toMatch(
      /locale is incompatible .*xx_YY\.UTF-8.* Install it on this node/,
    );
  });

  test('of another major version refuses to clone, and the old data stays', async () => {
    const three = await cluster.node('mn3');
    initialise(three);
    const fake = join(three.options.dataDirectory, '..', 'bin');
    execFileSync('cp', ['-as', `${three.options.binDirectory}/`, fake]);
    rmSync(join(fake, 'postgres'));
    writeFileSync(join(fake, 'postgres'), '#!/bin/sh\necho "postgres (PostgreSQL) 14.9"\n', { mode: 0o755 });
    Object.assign(three.options, { binDirectory: fake });
    const port = three.restarted();
    const refused = await port.clone(one.upstream, 30_000);
    port.close();
    expect(refused).toMatchObject({ ok: false, error: { code: 'files' } });
    expect(refused.ok ? '' : refused.error.message).toMatch(
      /PostgreSQL 14\.9 is installed here .* 15 runs on mn1/,
    );
    expect(readFileSync(join(three.options.dataDirectory, 'PG_VERSION'), 'utf8').trim()).toBe('15');
  }, 60_000);
}, 30_000);
