import { groupSettings, readClusterSettings } from '@hamn/config';
import type { PostgresSettings } from '@hamn/core';
import { type AccessReport, readAccessReport } from '@hamn/postgres';
import { describe, expect, it } from 'vitest';
import { renderFindings } from '../render.ts';
import { type AccessFindings, judgeAccess } from './access-findings.ts';

const cluster = (postgres: string): string => `version: 1
nodes: {mn1: {address: 10.0.0.1}, mn2: {address: 10.0.0.2}, mn3: {address: "fd99::3"}, wit1: {address: 10.0.0.4, role: witness}}
groups: {mn: {postgres: {version: 15${postgres}}}}
`;

interface Line {
  readonly type?: string;
  readonly databases?: readonly string[];
  readonly address?: string;
  readonly netmask?: string;
  readonly method?: string;
  readonly error?: string;
}

const open: readonly Line[] = [{ databases: ['all', 'replication'] }];

/** The server's answer: hamn's role as it should be, and these lines. */
function report(lines: readonly Line[], over: Readonly<Record<string, unknown>> = {}): AccessReport {
  const rules = lines.map((line, index) =>
    line.error === undefined
      ? {
          line_number: index + 1,
          type: line.type ?? 'host',
          database: line.databases ?? ['all'],
          user_name: ['hamn'],
          address: line.address ?? 'all',
          netmask: line.netmask ?? null,
          auth_method: line.method ?? 'scram-sha-256',
        }
      : { line_number: index + 1, error: line.error },
  );
  const role = {
    login: true,
    superuser: true,
    replication: true,
    password: 'scram-sha-256',
    expired: false,
    memberOf: null,
  };
  const read = readAccessReport(
    JSON.stringify({
      file: '/etc/hba',
      ssl: 'off',
      encryption: 'scram-sha-256',
      changed: false,
      rules,
      role,
      ...over,
    }),
  );
  if (read === undefined) throw new Error('The report of this test cannot be read.');
  return read;
}

function judge(given: AccessReport, postgresText = ''): AccessFindings {
  const read = readClusterSettings(cluster(postgresText), 'c');
  if (!read.ok) throw new Error(read.error.message);
  const settings = groupSettings(read.value, 'lab', 'mn');
  const postgres: PostgresSettings | undefined = settings?.postgres;
  if (settings === undefined || postgres === undefined) throw new Error('This test has no database.');
  const others = settings.nodes.filter((node) => node.role === 'data' && node.name !== 'mn1');
  return judgeAccess(given, { postgres, others, networks: ['10.0.0.1/24'] });
}

const shown = ({ role, local, others }: AccessFindings): string =>
  renderFindings([...role, ...(local === undefined ? [] : [local]), ...others], {
    all: true,
    width: 100,
    color: false,
  });

const reload = "runuser -u postgres -- /usr/lib/postgresql/15/bin/psql -p 5432 -c 'select pg_reload_conf()'";

describe('the doctor on PostgreSQL’s doors', () => {
  it('has nothing to say where everybody is let in', () => {
    expect(
      shown(judge(report(open))),
    ).toBe(`ok       pg_hba.conf of this node lets mn2 replicate and rewind from it.
ok       pg_hba.conf of this node lets mn3 replicate and rewind from it.
0 errors, 0 warnings, 2 well.`);
  });

  it('shows the lines that are missing, to be copied as they are', () => {
    const lines: readonly Line[] = [
      { address: '127.0.0.1', netmask: '255.255.255.255' },
      { address: '10.0.0.0', netmask: '255.255.255.0' },
    ];
    expect(
      shown(judge(report(lines))),
    ).toBe(`ERROR    No line of /etc/hba lets mn2 (10.0.0.2) replicate from this node.
         While this node is primary mn2 would have no data.
         -> Write into /etc/hba:
            host replication hamn 10.0.0.2/32 scram-sha-256
            then:
            ${reload}
ERROR    No line of /etc/hba lets mn3 (fd99::3) replicate and rewind from this node.
         While this node is primary mn3 would have no data.
         -> Write into /etc/hba:
            host replication hamn fd99::3/128 scram-sha-256
            host all hamn fd99::3/128 scram-sha-256
            then:
            ${reload}
2 errors, 0 warnings, 0 well.`);
  });

  it('puts them above the line that refuses', () => {
    const lines = [{ address: '10.0.0.2', netmask: '255.255.255.255', method: 'reject' }, ...open];
    const { others, local } = judge(report(lines));
    expect(local).toBeUndefined();
    expect(others[0]).toEqual({
      level: 'error',
      what: 'Line 1 of /etc/hba does not let mn2 (10.0.0.2) rewind from this node: it rejects.',
      why: 'While this node is primary mn2 could only be cloned whole after a fault.',
      mend: `Write into /etc/hba, above its line 1:\nhost all hamn 10.0.0.2/32 scram-sha-256\nthen:\n${reload}`,
    });
  });

  it('sees why hamnd itself is not let in', () => {
    const own = { address: '127.0.0.1', netmask: '255.0.0.0', method: 'ident' };
    expect(judge(report([own, ...open])).local?.what).toBe(
      'Line 1 of /etc/hba does not let hamnd on this node (127.0.0.1) log in: hamn does not know how to answer its method ident.',
    );
  });

  it('judges by the TLS that the settings want', () => {
    const tls = ', tls: {mode: verify-full, cert: /c, key: /k}';
    const offering = { ssl: 'on' };
    const encrypted = [
      { ...open[0], type: 'hostssl' },
      { address: '127.0.0.1', netmask: '255.0.0.0' },
    ];
    expect(judge(report(encrypted, offering), tls).others.map(({ level }) => level)).toEqual(['ok', 'ok']);
    expect(judge(report(encrypted), tls).others[0]?.what).toBe(
      'PostgreSQL on this node does not offer TLS, which postgres.tls wants.',
    );
    const plain = [{ ...open[0], type: 'hostnossl' }];
    expect(judge(report(plain, offering), tls).others[0]?.mend).toContain(
      'hostssl replication hamn 10.0.0.2/32 scram-sha-256',
    );
    // hamnd's own questions go without TLS where the settings name none; streaming may go with it.
    expect(judge(report(encrypted, offering)).others[0]?.what).toBe(
      'No line of /etc/hba lets mn2 (10.0.0.2) rewind from this node.',
    );
  });

  it('warns of a host name that decides, and of trust', () => {
    const named = [{ databases: ['replication'], address: 'mn2.example' }, ...open];
    expect(judge(report(named)).others.map(({ level, what }) => `${level}: ${what}`)).toEqual([
      'warning: Whether line 1 of /etc/hba lets mn2 (10.0.0.2) replicate from this node is not certain: whether its host name mn2.example is 10.0.0.2 hangs on DNS.',
      'warning: Whether line 1 of /etc/hba lets mn3 (fd99::3) replicate from this node is not certain: whether its host name mn2.example is fd99::3 hangs on DNS.',
    ]);
    const trusting = [{ databases: ['all', 'replication'], method: 'trust' }];
    expect(judge(report(trusting)).others[0]?.what).toBe(
      'Line 1 of /etc/hba lets hamn in without a password.',
    );
  });

  it('tells a mistake in the file, and a file that was not read yet', () => {
    const { others } = judge(report([...open, { error: 'invalid address' }], { changed: true }));
    expect(others.slice(0, 2).map(({ what }) => what)).toEqual([
      'Line 2 of /etc/hba has a mistake: invalid address.',
      '/etc/hba was changed after PostgreSQL last read it.',
    ]);
  });

  it.each([
    [
      null,
      'There is no role hamn in the database.',
      "create role hamn login superuser replication password '...'",
    ],
    [{ superuser: false }, 'The role hamn lacks SUPERUSER.', 'alter role hamn superuser'],
    [{ password: 'none' }, 'The role hamn has no password.', "alter role hamn password '...'"],
    [
      { expired: true },
      'The time of the password of hamn is over (VALID UNTIL).',
      "alter role hamn password '...' valid until 'infinity'",
    ],
    [
      { password: 'md5' },
      'The password of hamn is kept as MD5, and line 1 of /etc/hba asks for SCRAM.',
      "set password_encryption = 'scram-sha-256'; alter role hamn password '...'",
    ],
  ])('looks at the role: %j', (over, what, mend) => {
    const well = { login: true, superuser: true, replication: true, password: 'scram-sha-256' };
    const { role, others } = judge(report(open, { role: over && { ...well, ...over } }));
    expect(role).toHaveLength(1);
    expect(role[0]).toMatchObject({ level: 'error', what, mend: expect.stringContaining(mend) });
    expect(others.map(({ level }) => level)).toEqual(['ok', 'ok']);
  });

  it('warns before the next password is kept as MD5', () => {
    expect(judge(report(open, { encryption: 'md5' })).role[0]?.what).toBe('password_encryption is md5.');
  });
});
