import { expect, describe as group, test } from 'vitest';
import { startsWaiting } from './run-facts.ts';
import { describe, hbaRemedy, portFailure } from './session-failure.ts';

const place = { host: '10.0.0.2', port: 5432, user: 'hamn', database: 'postgres' };
const failure = (code: string, text: string): Error => Object.assign(new Error(text), { code });

group('what a session failed of', () => {
  test.each([
    ['ECONNREFUSED', 'connect ECONNREFUSED', 'refused'],
    ['57P03', 'the database system is starting up', 'rejecting'],
    ['53300', 'sorry, too many clients already', 'connections'],
    ['28P01', 'password authentication failed for user "hamn"', 'denied'],
    ['57P01', 'terminating connection due to administrator command', 'broken'],
    ['ECONNRESET', 'read ECONNRESET', 'broken'],
    ['42601', 'syntax error', 'sql'],
  ])('%s is %s', (code, text, kind) => {
    expect(describe(failure(code, text), place).error.code).toBe(kind);
  });

  test('a missing line in pg_hba.conf is spelt out', () => {
    const text =
      'no pg_hba.conf entry for replication connection from host "10.0.0.1", user "hamn", no encryption';
    expect(hbaRemedy(text, 'hamn')).toContain('host replication hamn 10.0.0.1/32 scram-sha-256');
    const local = 'no pg_hba.conf entry for host "fd99::1", user "hamn", database "postgres", no encryption';
    expect(describe(failure('28000', local), place).error.message).toContain(
      'host all hamn fd99::1/128 scram-sha-256',
    );
  });

  test('a full disk is told as such', () => {
    const full = describe(failure('53100', 'could not extend file: No space left on device'), place);
    expect(portFailure('The checkpoint failed', full.error).error.code).toBe('no-space');
  });
});

test('releases whose start is safe for synchronous names', () => {
  expect([130_020, 150_012, 170_004].map(startsWaiting)).toEqual([false, false, false]);
  expect([130_021, 150_018, 160_009, 180_000].map(startsWaiting)).toEqual([true, true, true, true]);
});
