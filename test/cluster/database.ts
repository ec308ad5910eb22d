import type { Machines } from './machines.ts';
import { type ClusterOptions, debianUnit, passwords } from './options.ts';

const hba = `# hamn's own role: local checks, replication and rewinds between the nodes
host    all             hamn            127.0.0.1/32            scram-sha-256
host    all             hamn            10.99.0.0/24            scram-sha-256
host    replication     hamn            10.99.0.0/24            scram-sha-256
# xCAT and the recording client, through the VIP
host    all             xcatadm         10.99.0.0/24            scram-sha-256
host    all             hamn_probe      10.99.0.0/24            scram-sha-256
host    all             hamn_probe      127.0.0.1/32            scram-sha-256
host    all             hamn_probe      fd99::/64               scram-sha-256
`;

const roles = `
create role hamn superuser login replication password '${passwords.hamn}';
create role xcatadm login password '${passwords.xcatadm}';
create role hamn_probe login password '${passwords.probe}';
create database xcatdb owner xcatadm;
create table hamn_probe (id bigint primary key, sent_ms double precision, node text);
alter table hamn_probe owner to hamn_probe;
`;

/** The first node has an xCAT database as an admin would have made it; the others have none: hamn clones it. */
export async function prepareDatabases(lab: Machines, options: ClusterOptions): Promise<void> {
  const [first] = options.data;
  if (first === undefined) return;
  const major = lab.release.postgres;
  const unit = debianUnit(major);
  const etc = `/etc/postgresql/${major}/main`;
  await Promise.all(
    options.data.map(async (name) => {
      await lab.mustExec(name, ['systemctl', 'disable', '--now', 'postgresql.service', unit], {
        timeoutMs: 60_000,
      });
      await lab.mustExec(name, ['sh', '-c', `rm -rf /var/lib/postgresql/${major}/main*`]);
      await lab.writeFile(name, '/etc/hamn/postgres.password', `${passwords.hamn}\n`, 0o600);
    }),
  );
  await lab.mustExec(
    first,
    ['sh', '-c', `rm -rf ${etc} && pg_createcluster ${major} main -- --data-checksums --auth-local=peer`],
    { timeoutMs: 60_000 },
  );
  const conf = await lab.mustExec(first, ['cat', `${etc}/pg_hba.conf`]);
  for (const name of options.data) {
    await lab.writeFile(name, `${etc}/pg_hba.conf`, hba + conf, 0o640);
    await lab.mustExec(name, ['chown', 'postgres:postgres', `${etc}/pg_hba.conf`]);
  }
  await lab.mustExec(first, ['systemctl', 'start', unit], { timeoutMs: 60_000 });
  await lab.mustExec(first, ['runuser', '-u', 'postgres', '--', 'psql', '-v', 'ON_ERROR_STOP=1', '-q'], {
    timeoutMs: 30_000,
    input: roles,
  });
  await lab.mustExec(first, ['systemctl', 'stop', unit], { timeoutMs: 60_000 });
}
