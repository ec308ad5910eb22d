import { describe, expect, test } from 'vitest';
import { mayPass, redact, speaksOfDamage, tellingLines } from './last-words.ts';

describe('what PostgreSQL says of a failed start', () => {
  test('is its last causes, without their prefix and without what every start says', () => {
    const text = `2026-01-01 10:00:00.000 UTC [12] LOG:  starting PostgreSQL 15.14
2026-01-01 10:00:00.010 UTC [13] FATAL:  the database system is starting up
2026-01-01 10:00:00.020 UTC [12] PANIC:  could not locate a valid checkpoint record
2026-01-01 10:00:00.030 UTC [12] LOG:  startup process (PID 14) was terminated by signal 6: Aborted`;
    expect(tellingLines(text)).toEqual(['PANIC: could not locate a valid checkpoint record.']);
  });

  test('is not what the last server’s sessions say of its end, and that may pass', () => {
    const text = `2026-01-01 10:00:00.000 UTC [12] FATAL:  terminating connection due to unexpected postmaster exit
2026-01-01 10:00:00.010 UTC [13] FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use`;
    const words = tellingLines(text);
    expect(words).toEqual(['FATAL: pre-existing shared memory block (key 1, ID 2) is still in use.']);
    expect(mayPass(words.join(' '))).toBe(true);
    expect(mayPass('FATAL: could not create any TCP/IP sockets.')).toBe(false);
  });

  test('never holds a password', () => {
    const text = redact(
      "primary_conninfo = 'host=a password=geheim user=hamn' PASSWORD 'it''s' SCRAM-SHA-256$4096:abc md5d41d8cd98f00b204e9800998ecf8427e",
    );
    expect(text).not.toMatch(/geheim|it''s|4096|d41d8/);
  });

  test('tells damage of the data from a wrong setting', () => {
    expect(speaksOfDamage('PANIC: could not locate a valid checkpoint record')).toBe(true);
    expect(speaksOfDamage('FATAL: WAL ends before consistent recovery point')).toBe(true);
    expect(speaksOfDamage('FATAL: configuration file "postgresql.conf" contains errors')).toBe(false);
    expect(speaksOfDamage('FATAL: could not create any TCP/IP sockets')).toBe(false);
    expect(speaksOfDamage('FATAL: data directory has invalid permissions')).toBe(false);
    expect(
      speaksOfDamage('PANIC: could not write to file "pg_wal/xlogtemp.1": No space left on device'),
    ).toBe(false);
  });
});
