import type { NodeSettings, PostgresSettings } from '@hamn/core';
import { broken, doubtful, type Finding, well } from '../finding.ts';
import type { Patient } from '../patient.ts';
import type { CommandResult } from '../run-command.ts';

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
  const target = `host=${node.address} port=${port} user=${user} dbname=postgres connect_timeout=2`;
  const ask = (more: string, command: string): Promise<CommandResult> =>
    run(`${binDirectory}/psql`, ['-X', '-w', '-At', '-d', `${target}${more}`, '-c', command], {
      env: { PGPASSWORD: password },
    });
  const [stream, plain] = await Promise.all([
    ask(' replication=true', 'IDENTIFY_SYSTEM'),
    ask('', 'select 1'),
  ]);
  if (stream.code === 0 && plain.code === 0)
    return well(`${node.name} lets this node replicate and rewind from it.`);
  const width = file.address.includes(':') ? 128 : 32;
  const stderr = `${stream.stderr}\n${plain.stderr}`;
  if (/pg_hba\.conf/.test(stderr)) {
    const lacking = [...(stream.code === 0 ? [] : ['replication']), ...(plain.code === 0 ? [] : ['all'])];
    const lines = lacking.map((what) => `host ${what} ${user} ${file.address}/${width} scram-sha-256`);
    return broken(
      `${node.name} does not let this node ${stream.code === 0 ? 'rewind' : 'replicate'} from it (pg_hba.conf).`,
      `While ${node.name} is primary this node ${stream.code === 0 ? 'could only be cloned whole after a fault' : 'would have no data'}.`,
      `On ${node.name} in pg_hba.conf: ${lines.join(' and ')}; then select pg_reload_conf();`,
    );
  }
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
