import { describe, expect, test } from 'vitest';
import { type Arrival, type HbaContext, type HbaRule, judgeArrival, lineFor } from './hba.ts';

/** Lines as in the file; a netmask stands for itself, `address/length` is spelt out as the server does. */
const rules = (...lines: readonly string[]): readonly HbaRule[] =>
  lines.map((text, index) => {
    const [type = '', databases = '', users = '', address = '', netmask = '', method = '', ...options] =
      text.split(' ');
    return {
      file: '/etc/pg_hba.conf',
      line: index + 1,
      type,
      databases: databases.split(','),
      users: users.split(','),
      address,
      netmask: netmask === '-' ? undefined : netmask,
      method,
      options,
    };
  });

const context: HbaContext = {
  user: 'hamn',
  memberOf: ['operators'],
  password: 'scram-sha-256',
  certificate: false,
  networks: ['10.0.0.1/24', 'fd99::1/64'],
};

const stream: Arrival = { address: '10.0.0.2', database: 'replication', ways: ['plain'] };
const session: Arrival = { ...stream, database: 'postgres' };
const six: Arrival = { ...session, address: 'fd99::2' };

const verdict = (arrival: Arrival, lines: readonly string[], over: Partial<HbaContext> = {}): string => {
  const it = judgeArrival(rules(...lines), arrival, { ...context, ...over });
  if (it.kind === 'unmatched') return it.kind;
  return it.kind === 'in' ? `in by ${it.line.line}` : `${it.kind} by ${it.line.line}: ${it.because}`;
};

const open24 = 'host all hamn 10.0.0.0 255.255.255.0 scram-sha-256';
const streams24 = 'host replication hamn 10.0.0.0 255.255.255.0 scram-sha-256';

describe('an arrival at pg_hba.conf', () => {
  test.each([
    ['an empty file', session, [], 'unmatched'],
    ['`all` is every database', session, [open24], 'in by 1'],
    ['`all` is not replication', stream, [open24], 'unmatched'],
    ['replication is not a database', session, [streams24], 'unmatched'],
    ['both in one line', stream, ['host all,replication all 10.0.0.2 255.255.255.255 md5'], 'in by 1'],
    ['the database by name', session, ['host xcatdb,postgres hamn all - scram-sha-256'], 'in by 1'],
    ['a pattern', session, ['host /^post /^ha all - scram-sha-256'], 'in by 1'],
    ['a pattern of another role', session, ['host all /^xcat all - scram-sha-256'], 'unmatched'],
    ['sameuser', session, ['host sameuser hamn all - scram-sha-256'], 'unmatched'],
    ['samerole', session, ['host samerole hamn all - scram-sha-256'], 'unmatched'],
    ['another role', session, ['host all xcatadm all - scram-sha-256'], 'unmatched'],
    ['a member of a role', session, ['host all +operators all - scram-sha-256'], 'in by 1'],
    ['no member of a role', session, ['host all +admins all - scram-sha-256'], 'unmatched'],
    ['another network', session, ['host all hamn 10.0.1.0 255.255.255.0 scram-sha-256'], 'unmatched'],
    ['the last address of a network', session, ['host all hamn 10.0.0.0 255.255.255.254 md5'], 'unmatched'],
    ['every IPv4 address', session, ['host all hamn 0.0.0.0 0.0.0.0 scram-sha-256'], 'in by 1'],
    ['IPv4 is not IPv6', six, ['host all hamn 0.0.0.0 0.0.0.0 scram-sha-256'], 'unmatched'],
    ['every IPv6 address', six, ['host all hamn :: :: scram-sha-256'], 'in by 1'],
    ['IPv6 is not IPv4', session, ['host all hamn :: :: scram-sha-256'], 'unmatched'],
    ['an IPv6 network', six, ['host all hamn fd99:: ffff:ffff:ffff:ffff:: scram-sha-256'], 'in by 1'],
    ['another IPv6 network', six, ['host all hamn fd98:: ffff:ffff:ffff:ffff:: scram-sha-256'], 'unmatched'],
    ['samenet', session, ['host all hamn samenet - scram-sha-256'], 'in by 1'],
    ['samenet of IPv6', six, ['host all hamn samenet - scram-sha-256'], 'in by 1'],
    ['another net', { ...session, address: '10.0.1.2' }, ['host all hamn samenet - md5'], 'unmatched'],
    ['samehost', session, ['host all hamn samehost - scram-sha-256'], 'unmatched'],
    ['samehost itself', { ...session, address: '10.0.0.1' }, ['host all hamn samehost - md5'], 'in by 1'],
    ['a local line', session, ['local all hamn - - scram-sha-256'], 'unmatched'],
    ['a GSSAPI line', session, ['hostgssenc all hamn all - gss'], 'unmatched'],
    ['not GSSAPI', session, ['hostnogssenc all hamn all - scram-sha-256'], 'in by 1'],
    [
      'a line that rejects, before',
      session,
      ['host all all all - reject', open24],
      'refused by 1: it rejects',
    ],
    ['a line that rejects, after', session, [open24, 'host all all all - reject'], 'in by 1'],
    [
      'a line that rejects others',
      session,
      ['host all all 10.0.1.0 255.255.255.0 reject', open24],
      'in by 2',
    ],
    [
      'the first line counts, whatever the second would say',
      session,
      ['host all all 10.0.0.0 255.0.0.0 ident', open24],
      'refused by 1: hamn does not know how to answer its method ident',
    ],
    [
      'a password in clear text',
      session,
      ['host all all all - password'],
      'refused by 1: its method password asks for the password in clear text, which hamn never sends',
    ],
    [
      'a host name',
      session,
      ['host all hamn mn2.example - scram-sha-256', open24],
      'unsure by 1: whether its host name mn2.example is 10.0.0.2 hangs on DNS',
    ],
    ['a host name of another role', session, ['host all xcat mn2.example - md5', open24], 'in by 2'],
  ] as const)('%s', (_, arrival, lines, expected) => {
    expect(verdict(arrival, lines)).toBe(expected);
  });

  test.each([
    ['tls', ['tls'], 'hostssl', 'in by 1'],
    ['tls', ['tls'], 'hostnossl', 'unmatched'],
    ['plain', ['plain'], 'hostssl', 'unmatched'],
    ['plain', ['plain'], 'hostnossl', 'in by 1'],
    ['either', ['tls', 'plain'], 'hostssl', 'in by 1'],
    ['either', ['tls', 'plain'], 'hostnossl', 'in by 1'],
  ] as const)('by %s: %j to %s is %s', (_, ways, type, expected) => {
    expect(verdict({ ...stream, ways }, [`${type} replication hamn all - scram-sha-256`])).toBe(expected);
  });

  test('the password’s kind must be one that the method takes', () => {
    const scram = ['host all hamn all - scram-sha-256'];
    const md5 = ['host all hamn all - md5'];
    expect(verdict(session, scram, { password: 'md5' })).toBe(
      'refused by 1: it asks for SCRAM, and the password of hamn is kept as MD5',
    );
    expect(verdict(session, md5, { password: 'md5' })).toBe('in by 1');
    expect(verdict(session, md5, { password: 'none' })).toBe(
      'refused by 1: the role hamn has no password that is valid',
    );
    expect(verdict(session, ['host all hamn all - trust'], { password: 'none' })).toBe('in by 1');
  });

  test('a certificate is asked for, and must be mapped to the role', () => {
    const tls: Arrival = { ...stream, ways: ['tls'] };
    const mapped = ['hostssl all,replication hamn all - cert map=hamn'];
    expect(verdict(tls, mapped)).toMatch(/^refused by 1: it asks for a certificate/);
    expect(verdict(tls, mapped, { certificate: true })).toBe('in by 1');
    expect(verdict(tls, ['hostssl replication hamn all - cert'], { certificate: true })).toMatch(
      /^unsure by 1: the certificate must name hamn itself/,
    );
    const asking = ['hostssl replication hamn all - scram-sha-256 clientcert=verify-ca'];
    expect(verdict(tls, asking, { certificate: true })).toBe('in by 1');
    expect(verdict(tls, asking)).toMatch(/^refused by 1: it asks for a certificate/);
  });

  test('the line that lets it in is as narrow as can be', () => {
    expect(lineFor('hamn', stream, 'replication')).toBe('host replication hamn 10.0.0.2/32 scram-sha-256');
    expect(lineFor('hamn', { ...six, ways: ['tls'] }, 'all')).toBe(
      'hostssl all hamn fd99::2/128 scram-sha-256',
    );
  });
});
