import { execFileSync } from 'node:child_process';
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { always } from '@hamn/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Arrival, type HbaVerdict, judgeArrival, lineFor } from './access/hba.ts';
import { type AccessReport, accessQuery, readAccessReport } from './access/report.ts';
import { must } from './testing/expecting.ts';
import {
  binDirectory,
  initialise,
  makeCluster,
  type TestCluster,
  type TestNode,
} from './testing/test-node.ts';

let cluster: TestCluster;
let one: TestNode;
let hba: string;

/** The test's own way in. */
const ownLine = 'local all,replication all trust';

beforeAll(async () => {
  cluster = makeCluster();
  one = await cluster.node('mn1');
  hba = join(dirname(one.options.includeDirectory), 'pg_hba.conf');
  initialise(one);
  writeFileSync(hba, `${readFileSync(hba, 'utf8')}${ownLine}\n`);
  must(await one.postgres.startStandby(undefined, 30_000));
  must(await one.postgres.promote(30_000, always));
}, 300_000);
afterAll(() => cluster.close());

const psql = (words: string, command: string): string =>
  execFileSync(
    join(binDirectory, 'psql'),
    ['-X', '-w', '-At', '-d', `port=${one.options.port} user=hamn dbname=postgres ${words}`, '-c', command],
    {
      encoding: 'utf8',
      stdio: 'pipe',
      env: { ...process.env, PGPASSWORD: readFileSync(one.options.passwordFile, 'utf8').trim() },
    },
  );

const asAdmin = (command: string): string =>
  psql(`host=${join(one.options.dataDirectory, '..', 'run')}`, command);

/** The lines count once a new session says so: the postmaster reads its files when its signal comes. */
async function counts(lines: readonly string[]): Promise<AccessReport> {
  writeFileSync(hba, `${[...lines, ownLine].join('\n')}\n`);
  const before = asAdmin('SELECT pg_conf_load_time()');
  asAdmin('SELECT pg_reload_conf()');
  await expect.poll(() => asAdmin('SELECT pg_conf_load_time()')).not.toBe(before);
  return report();
}

function report(): AccessReport {
  const read = readAccessReport(asAdmin(accessQuery('hamn')));
  if (read === undefined) throw new Error('The server’s answer is no report.');
  return read;
}

function judged(said: AccessReport, arrival: Arrival): HbaVerdict {
  if (said.role === undefined) throw new Error('There is no role.');
  return judgeArrival(said.rules, arrival, {
    user: 'hamn',
    memberOf: said.role.memberOf,
    password: said.role.password,
    certificate: false,
    networks: ['127.0.0.1/8', '::1/128'],
  });
}

function letsIn({ address, database }: Arrival): boolean {
  try {
    psql(
      `host=${address} sslmode=disable${database === 'replication' ? ' replication=true' : ''}`,
      database === 'replication' ? 'IDENTIFY_SYSTEM' : 'select 1',
    );
    return true;
  } catch {
    return false;
  }
}

const arrivals: readonly Arrival[] = ['127.0.0.1', '::1'].flatMap((address) =>
  (['replication', 'postgres'] as const).map((database) => ({ address, database, ways: ['plain'] as const })),
);

describe('what pg_hba.conf is judged to say', () => {
  test.each([
    [['host all hamn 127.0.0.1/32 scram-sha-256']],
    [['host replication hamn 127.0.0.1/32 scram-sha-256', 'host all all ::1/128 md5']],
    [['host all,replication all all scram-sha-256']],
    [['host replication all 127.0.0.0 255.255.255.0 reject', 'host all,replication hamn all scram-sha-256']],
    [['host all all 0.0.0.0/0 scram-sha-256', 'host replication hamn ::/0 scram-sha-256']],
    [['hostnossl all hamn samehost scram-sha-256', 'host replication hamn samenet scram-sha-256']],
    [['hostssl all,replication hamn all scram-sha-256']],
    [['host all +keepers all scram-sha-256', 'host replication +strangers all scram-sha-256']],
    [['host samerole hamn all scram-sha-256', 'host "postgres" hamn all trust']],
    [['host all all 127.0.0.1/32 ident', 'host all hamn all scram-sha-256']],
    [['host postgres hamn 126.0.0.0/7 trust', 'host all xcatadm all trust']],
    [['hostnogssenc "postgres" "hamn" 127.0.0.1/32 scram-sha-256']],
  ])('is what the server does: %j', async (lines) => {
    asAdmin(
      'DO $$ BEGIN CREATE ROLE keepers; CREATE ROLE strangers; GRANT keepers TO hamn; EXCEPTION WHEN duplicate_object THEN END $$',
    );
    const said = await counts(lines);
    expect(said).toMatchObject({ file: hba, changed: false, mistakes: [] });
    for (const arrival of arrivals)
      expect([arrival, judged(said, arrival).kind === 'in']).toEqual([arrival, letsIn(arrival)]);
  });

  test('and the line that it is said to lack lets in', async () => {
    await counts(['host all all all reject']);
    expect(arrivals.map(letsIn)).toEqual([false, false, false, false]);
    const lacking = arrivals.map((arrival) =>
      lineFor('hamn', arrival, arrival.database === 'replication' ? 'replication' : 'all'),
    );
    await counts([...lacking, 'host all all all reject']);
    expect(arrivals.map(letsIn)).toEqual([true, true, true, true]);
  });

  test('tells mistakes, and a file that was not read yet', async () => {
    await counts(['host all hamn 127.0.0.1/32 scram-sha-256']);
    writeFileSync(hba, `host all hamn 127.0.0.1/33 scram-sha-256\nhost all hamn all scram\n${ownLine}\n`);
    const later = Date.now() / 1000 + 10;
    utimesSync(hba, later, later);
    const said = report();
    expect(said.mistakes).toEqual([
      { file: hba, line: 1, error: expect.stringContaining('127.0.0.1/33') },
      { file: hba, line: 2, error: expect.stringContaining('scram') },
    ]);
    expect(said).toMatchObject({ changed: true, rules: [{ line: 3, type: 'local' }] });
  });

  test('a password is told by its kind, and never itself', async () => {
    const lines = ['host all hamn 127.0.0.1/32 scram-sha-256'];
    const kept = await counts(lines);
    expect(kept).toMatchObject({ passwordEncryption: 'scram-sha-256', offersTls: false });
    expect(kept.role).toMatchObject({
      login: true,
      superuser: true,
      replication: true,
      password: 'scram-sha-256',
      expired: false,
    });
    expect(asAdmin(accessQuery('hamn'))).not.toContain('SCRAM-SHA-256$');
    const secret = asAdmin("SELECT rolpassword FROM pg_authid WHERE rolname = 'hamn'").trim();
    asAdmin("SET password_encryption = 'md5'; ALTER ROLE hamn PASSWORD 'other'");
    expect(report().role?.password).toBe('md5');
    expect(arrivals.slice(1, 2).map((arrival) => judged(report(), arrival).kind)).toEqual(['refused']);
    asAdmin(`ALTER ROLE hamn PASSWORD '${secret}' VALID UNTIL '2020-01-01'`);
    expect(report().role).toMatchObject({ password: 'none', expired: true });
    expect(arrivals.slice(1, 2).map(letsIn)).toEqual([false]);
    asAdmin("ALTER ROLE hamn VALID UNTIL 'infinity'");
    expect(arrivals.slice(1, 2).map(letsIn)).toEqual([true]);
    expect(readAccessReport(asAdmin(accessQuery('nobody')))?.role).toBeUndefined();
  });
});
