import type { PostgresSettings } from '@hamn/core';

/** Where distributions put PostgreSQL. */
export const postgresLayouts = ['debian', 'rhel', 'rhel-pgdg', 'sles'] as const;

export type PostgresLayout = (typeof postgresLayouts)[number];

export type PostgresPlaces = Pick<
  PostgresSettings,
  'unit' | 'dataDirectory' | 'includeDirectory' | 'binDirectory'
>;

/**
 * Unit and directories as the packages of a distribution make them: Debian and Ubuntu (postgresql-common), RHEL's own package, PGDG's packages for RHEL, and SLES.
 * `instance` is Debian's name of a PostgreSQL cluster; the others have one server for each version, or one at all.
 */
export function placesOf(layout: PostgresLayout, version: number, instance = 'main'): PostgresPlaces {
  switch (layout) {
    case 'debian':
      return {
        unit: `postgresql@${version}-${instance}.service`,
        dataDirectory: `/var/lib/postgresql/${version}/${instance}`,
        includeDirectory: `/etc/postgresql/${version}/${instance}/conf.d`,
        binDirectory: `/usr/lib/postgresql/${version}/bin`,
      };
    case 'rhel':
      return inDataDirectory('postgresql.service', '/var/lib/pgsql/data', '/usr/bin');
    case 'rhel-pgdg':
      return inDataDirectory(
        `postgresql-${version}.service`,
        `/var/lib/pgsql/${version}/data`,
        `/usr/pgsql-${version}/bin`,
      );
    case 'sles':
      return inDataDirectory(
        'postgresql.service',
        '/var/lib/pgsql/data',
        `/usr/lib/postgresql${version}/bin`,
      );
  }
}

/** The configuration lies with the data. */
const inDataDirectory = (unit: string, dataDirectory: string, binDirectory: string): PostgresPlaces => ({
  unit,
  dataDirectory,
  includeDirectory: `${dataDirectory}/conf.d`,
  binDirectory,
});
