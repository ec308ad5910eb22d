import type { PostgresSettings } from '@hamn/core';
import { describe, expect, it } from 'vitest';
import { readClusterSettings } from '../cluster-settings.ts';
import { but, errorsOf } from '../testing/good-cluster.ts';

const withPostgres = (text: string): string => but('{version: 15}', text);

function read(text: string): PostgresSettings {
  const settings = readClusterSettings(withPostgres(text), 'cluster.yaml');
  const postgres = settings.ok ? settings.value.groups.get('mn')?.postgres : undefined;
  if (postgres === undefined) throw new Error(settings.ok ? 'no database' : settings.error.message);
  return postgres;
}

describe('where PostgreSQL is', () => {
  it.each([
    [
      '{layout: rhel}',
      ['postgresql.service', '/var/lib/pgsql/data', '/var/lib/pgsql/data/conf.d', '/usr/bin'],
    ],
    [
      '{layout: rhel-pgdg, version: 16}',
      [
        'postgresql-16.service',
        '/var/lib/pgsql/16/data',
        '/var/lib/pgsql/16/data/conf.d',
        '/usr/pgsql-16/bin',
      ],
    ],
    [
      '{layout: sles, version: 15}',
      [
        'postgresql.service',
        '/var/lib/pgsql/data',
        '/var/lib/pgsql/data/conf.d',
        '/usr/lib/postgresql15/bin',
      ],
    ],
    [
      '{version: 15, instance: xcat, unit: pg.service}',
      [
        'pg.service',
        '/var/lib/postgresql/15/xcat',
        '/etc/postgresql/15/xcat/conf.d',
        '/usr/lib/postgresql/15/bin',
      ],
    ],
  ])('%s', (text, places) => {
    const { unit, dataDirectory, includeDirectory, binDirectory } = read(text);
    expect([unit, dataDirectory, includeDirectory, binDirectory]).toEqual(places);
  });

  it('needs the version outside RHEL’s own package', () => {
    expect(errorsOf(withPostgres('{layout: sles}'))).toContain('Say which PostgreSQL it is');
    expect(errorsOf(withPostgres('{layout: arch, version: 15}'))).toContain('debian, rhel, rhel-pgdg');
  });
});

describe('TLS between the databases', () => {
  it('is what it was before where it is not written', () => {
    expect(read('{version: 15}')).not.toHaveProperty('tls');
    expect(read('{version: 15}')).not.toHaveProperty('parameters');
  });

  it('knows its CA where it checks one, and a pair of files', () => {
    expect(read('{version: 15, tls: {mode: verify-full, cert: /c, key: /k}}').tls).toEqual({
      mode: 'verify-full',
      rootCert: '/etc/hamn/tls/ca.crt',
      client: { cert: '/c', key: '/k' },
    });
    expect(read('{version: 15, tls: {mode: require}}').tls).toEqual({
      mode: 'require',
      rootCert: undefined,
      client: undefined,
    });
    expect(errorsOf(withPostgres('{version: 15, tls: {mode: require, cert: /c}}'))).toContain(
      '`cert` and `key` belong together',
    );
    expect(errorsOf(withPostgres('{version: 15, tls: {mode: prefer}}'))).toContain('require, verify-ca');
  });
});

describe('settings of PostgreSQL’s own', () => {
  it('are texts, however they are written', () => {
    const text =
      '{version: 15, parameters: {work_mem: 64MB, max_connections: 300, jit: false, pg_stat_statements.max: "500"}}';
    expect(read(text).parameters).toEqual({
      work_mem: '64MB',
      max_connections: '300',
      jit: 'off',
      'pg_stat_statements.max': '500',
    });
  });

  it.each([
    ['primary_conninfo: x', 'hamn sets primary_conninfo itself'],
    ['recovery_target_time: now', 'belongs to recovery'],
    ['synchronous_commit: local', 'on and remote_apply are allowed'],
    ['synchronous_commit: false', 'on and remote_apply are allowed'],
    ['wal_level: minimal', 'nothing to replicate'],
    ['fsync: off', 'A power cut could destroy the database'],
    ['Work_Mem: 1', 'in small letters'],
    ['"x y": 1', 'in small letters'],
    ['work_mem: [1]', 'a text, a number, or true or false'],
    ['application_name: "a\\nb"', 'must be one line'],
  ])('are refused where hamn would not keep its promises: %s', (entry, reason) => {
    expect(errorsOf(withPostgres(`{version: 15, parameters: {${entry}}}`))).toContain(reason);
  });
});
