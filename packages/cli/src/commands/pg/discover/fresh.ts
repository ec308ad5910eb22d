import type { Found } from './found.ts';

/** initdb's own defaults differ with the distribution's locale; xCAT wants UTF-8, and C.UTF-8 sorts alike on every machine. */
const initdb = '--data-checksums --encoding=UTF8 --locale=C.UTF-8';

/** What makes a first, empty server for hamn and xCAT, as root on the node that will lead first. */
export function freshCommands(family: Found['family']): readonly string[] {
  return [
    ...installs[family],
    `runuser -u postgres -- psql -c "create role hamn superuser login replication password '...'"`,
    'echo ... > /etc/hamn/postgres.password; chmod 600 /etc/hamn/postgres.password   # the same password, on every data node',
    'pgsqlsetup -i   # xCAT moves its tables to PostgreSQL',
    'hamnctl pg discover',
  ];
}

const installs: Readonly<Record<Found['family'], readonly string[]>> = {
  debian: [
    'apt-get install postgresql',
    `pg_dropcluster --stop 15 main; pg_createcluster 15 main -- ${initdb}   # only where it is new and empty: with checksums`,
    'systemctl start postgresql@15-main',
  ],
  rhel: [
    'dnf install postgresql-server postgresql-contrib',
    `PGSETUP_INITDB_OPTIONS='${initdb}' postgresql-setup --initdb`,
    `echo "include_if_exists = 'conf.d/hamn.conf'" >> /var/lib/pgsql/data/postgresql.conf`,
    'systemctl start postgresql',
  ],
  suse: [
    'zypper install postgresql15-server postgresql15-contrib',
    `runuser -u postgres -- /usr/lib/postgresql15/bin/initdb -D /var/lib/pgsql/data ${initdb}`,
    `echo "include_if_exists = 'conf.d/hamn.conf'" >> /var/lib/pgsql/data/postgresql.conf`,
    'systemctl start postgresql',
  ],
  unknown: [
    'Install PostgreSQL 13 or later by this distribution’s own package, and make a database with: ' +
      `initdb ${initdb}`,
  ],
};
