import type { NodeSettings, PostgresSettings } from '@hamn/core';
import { broken, doubtful, type Finding, well } from '../finding.ts';
import type { Patient } from '../patient.ts';

/** Whether this node may replicate from each of the others: each of them can be the primary tomorrow. */
export async function checkReplication(
  patient: Patient,
  postgres: PostgresSettings,
  password: string,
): Promise<readonly Finding[]> {
  const others = (patient.settings?.nodes ?? []).filter(
    (node) => node.role === 'data' && node.name !== patient.file.node,
  );
  return Promise.all(others.map((node) => checkOne(patient, postgres, password, node)));
}

async function checkOne(
  { file, run }: Patient,
  { binDirectory, port, user }: PostgresSettings,
  password: string,
  node: NodeSettings,
): Promise<Finding> {
  const target = `host=${node.address} port=${port} user=${user} dbname=postgres replication=true connect_timeout=2`;
  const { code, stderr } = await run(
    `${binDirectory}/psql`,
    ['-X', '-w', '-At', '-d', target, '-c', 'IDENTIFY_SYSTEM'],
    {
      env: { PGPASSWORD: password },
    },
  );
  if (code === 0) return well(`${node.name} lets this node replicate from it.`);
  const width = file.address.includes(':') ? 128 : 32;
  const line = `host replication ${user} ${file.address}/${width} scram-sha-256`;
  if (/pg_hba\.conf/.test(stderr))
    return broken(
      `${node.name} does not let this node replicate from it (pg_hba.conf).`,
      `While ${node.name} is primary this node would have no data.`,
      `On ${node.name} in pg_hba.conf: ${line}; then select pg_reload_conf();`,
    );
  if (/password authentication failed/.test(stderr))
    return broken(
      `${node.name} refuses the password of ${user}.`,
      `While ${node.name} is primary this node would have no data.`,
      'The password files of all nodes must hold the same password.',
    );
  return doubtful(
    `PostgreSQL of ${node.name} does not answer at ${node.address}:${port}.`,
    'Whether this node may replicate from there could not be seen.',
    `hamnctl explain ${node.name} says what it does; a firewall must let port ${port} through.`,
  );
}
