import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exitCodes } from '../../../exit-codes.ts';
import { runProgram } from '../../../program.ts';
import { fakeApp, fakeIo } from '../../../testing/fake-io.ts';
import { parseCfgloc } from './cfgloc.ts';
import { findPostgres } from './find.ts';
import { judge } from './judge.ts';

const vip = '10.1.0.223';
const secret = 'v3ry-s3cret';
const programs = ['postgres', 'pg_ctl', 'pg_controldata', 'pg_rewind', 'pg_basebackup', 'psql'];

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hamn-discover-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

const binaries = (directory: string): Readonly<Record<string, string>> =>
  Object.fromEntries(programs.map((program) => [`${directory}/${program}`, '']));

const cfgloc = (host: string, more = ''): Readonly<Record<string, string>> => ({
  '/etc/xcat/cfgloc': `Pg:dbname=xcatdb;host=${host}${more}|xcatadm|${secret}\n`,
});

const debian = (version: string, instance: string, more = ''): Readonly<Record<string, string>> => ({
  '/etc/os-release': 'ID=debian\n',
  [`/etc/postgresql/${version}/${instance}/postgresql.conf`]: `data_directory = '/var/lib/postgresql/${version}/${instance}'\ninclude_dir = 'conf.d'\n${more}`,
  [`/etc/postgresql/${version}/${instance}/conf.d/.keep`]: '',
  [`/var/lib/postgresql/${version}/${instance}/PG_VERSION`]: `${version}\n`,
  ...binaries(`/usr/lib/postgresql/${version}/bin`),
});

const block = async (): Promise<string | undefined> => judge(await findPostgres(root), [vip]).block;
const notes = async (): Promise<string> => judge(await findPostgres(root), [vip]).notes.join('\n');

describe('the PostgreSQL that a node has', () => {
  it('is found where Debian puts it', async () => {
    put({ ...debian('15', 'main'), ...cfgloc(vip) });
    expect(await block()).toBe('postgres:\n  version: 15\n  mode: synchronous\n');
    expect(await notes()).toContain('the VIP: as it should be');
    expect(await notes()).not.toContain('does not read hamn');
  });

  it('is found where RHEL puts it, with the one line that is missing', async () => {
    put({
      '/etc/os-release': 'ID="rocky"\nID_LIKE="rhel centos fedora"\n',
      '/etc/selinux/config': 'SELINUX=enforcing\n',
      '/var/lib/pgsql/data/PG_VERSION': '13\n',
      '/var/lib/pgsql/data/postgresql.conf': 'port = 5432\n',
      ...binaries('/usr/bin'),
      ...cfgloc('localhost'),
    });
    expect(await block()).toBe('postgres:\n  layout: rhel\n  version: 13\n  mode: synchronous\n');
    const said = await notes();
    expect(said).toContain(
      "Add this line at the end of /var/lib/pgsql/data/postgresql.conf: include_if_exists = 'conf.d/hamn.conf'",
    );
    expect(said).toContain(
      `which is not the VIP: after a failover xCAT would write elsewhere, or not at all. In /etc/xcat/cfgloc of both nodes write host=${vip}`,
    );
    expect(said).toContain('semanage fcontext');
    put({ '/var/lib/pgsql/data/postgresql.conf': "include_if_exists = 'conf.d/hamn.conf'\n" });
    expect(await notes()).not.toContain('Add this line');
  });

  it('is found where PGDG puts it, and where its unit was told to', async () => {
    put({
      '/etc/os-release': 'ID="rhel"\n',
      '/var/lib/pgsql/16/data/PG_VERSION': '16\n',
      '/var/lib/pgsql/16/data/postgresql.conf': 'port = 5433\n',
      ...binaries('/usr/pgsql-16/bin'),
    });
    expect(await block()).toBe(
      'postgres:\n  layout: rhel-pgdg\n  version: 16\n  port: 5433\n  mode: synchronous\n',
    );
    put({
      '/etc/systemd/system/postgresql-16.service.d/place.conf': '[Service]\nEnvironment=PGDATA=/data/pg/\n',
      '/data/pg/PG_VERSION': '16\n',
      '/data/pg/postgresql.conf': '',
    });
    expect(await block()).toContain('dataDirectory: /data/pg\n  includeDirectory: /data/pg/conf.d\n');
  });

  it('is found where SLES puts it', async () => {
    put({
      '/etc/os-release': 'ID="sles"\nID_LIKE="suse"\n',
      '/etc/sysconfig/postgresql': 'POSTGRES_DATADIR="~postgres/data"\n',
      '/var/lib/pgsql/data/PG_VERSION': '15\n',
      '/var/lib/pgsql/data/postgresql.conf': '',
      ...binaries('/usr/lib/postgresql15/bin'),
    });
    expect(await block()).toBe('postgres:\n  layout: sles\n  version: 15\n  mode: synchronous\n');
    rmSync(join(root, '/usr/lib/postgresql15/bin/pg_rewind'));
    expect(await notes()).toContain('/usr/lib/postgresql15/bin lacks pg_rewind');
  });

  it('is of several the one that xCAT’s file names, or none is guessed', async () => {
    put({ ...debian('13', 'old'), ...debian('15', 'main', 'port = 5433\n') });
    expect(await block()).toBeUndefined();
    expect(judge(await findPostgres(root), undefined).because).toContain('nothing says which one');
    put(cfgloc(vip, ';port=5433'));
    const found = judge(await findPostgres(root), [vip]);
    expect(found.because).toContain('uses the one on port 5433: version 15');
    expect(found.block).toContain('port: 5433');
    put({ ...cfgloc(vip, ';port=6000'), '/var/lib/postgresql/13/old/postmaster.pid': '1' });
    expect(await block()).toBe('postgres:\n  version: 13\n  instance: old\n  mode: synchronous\n');
  });

  it.each([
    ['ID=debian', 'apt-get install postgresql'],
    ['ID=rocky\nID_LIKE="rhel"', 'postgresql-setup --initdb'],
    ['ID=sles', 'zypper install'],
    ['ID=arch', 'by this distribution'],
  ])('is made where there is none (%s)', async (release, command) => {
    put({ '/etc/os-release': `${release}\n` });
    expect(judge(await findPostgres(root), undefined).commands.join('\n')).toContain(command);
  });

  it('is told on one page or as a document, without any password', async () => {
    put({ ...debian('15', 'main'), ...cfgloc('10.1.0.221') });
    for (const more of [[], ['--json']]) {
      const io = fakeIo();
      const words = ['pg', 'discover', '--root', root, '--config', '/none', ...more];
      expect(await runProgram(words, fakeApp(io))).toBe(exitCodes.ok);
      expect(io.written.out).toContain('version');
      expect(io.written.out + io.written.err).not.toContain(secret);
    }
    rmSync(join(root, 'etc/postgresql'), { recursive: true });
    expect(await runProgram(['pg', 'discover', '--root', root, '--config', '/none'], fakeApp(fakeIo()))).toBe(
      exitCodes.problems,
    );
  });
});

describe('xCAT’s file', () => {
  it.each([
    ['', 'begin with the kind'],
    ['nonsense', 'begin with the kind'],
    [`mysql:dbname=xcatdb;host=h|x|${secret}`, 'mysql'],
    [`Pg:host=h|x|${secret}`, 'must be Pg:dbname'],
    [`Pg:dbname=d;host=h;port=many|x|${secret}`, 'must be Pg:dbname'],
    ['Pg:dbname=d;host=h', 'must be Pg:dbname'],
  ])('that is of no use is told without what is in it: %s', (text, reason) => {
    const read = parseCfgloc(text);
    expect(read.ok ? '' : read.error.message).toContain(reason);
    expect(JSON.stringify(read)).not.toContain(secret);
  });
});
