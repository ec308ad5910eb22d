import { access, stat } from 'node:fs/promises';
import type { PostgresSettings } from '@hamn/core';
import { loadText } from '../../../connect/node-file.ts';
import { broken, doubtful, type Finding, well } from '../finding.ts';
import type { Patient } from '../patient.ts';
import { checkAccess } from './access.ts';
import type { AccessFindings } from './access-findings.ts';
import { checkReplication } from './replication.ts';

export async function checkPostgres(patient: Patient): Promise<readonly Finding[]> {
  const postgres = patient.settings?.postgres;
  if (postgres === undefined || patient.file.role === 'witness') return [];
  const files = await checkFiles(postgres);
  const password = await loadText(postgres.passwordFile);
  if (!password.ok)
    return [
      ...files,
      broken(
        password.error.message,
        `hamn cannot log in as ${postgres.user}.`,
        `Write that role’s password into ${postgres.passwordFile}, mode 600.`,
      ),
    ];
  const secret = password.value.trim();
  const login = await checkLogin(patient, postgres, secret);
  const access = await checkAccess(patient, postgres, secret);
  return [
    ...files,
    ...loginFindings(login, access),
    ...(access?.others ?? []),
    ...(await checkReplication(patient, postgres, secret)),
  ];
}

/** A login that fails is explained by the server's own files, where those were seen. */
function loginFindings(login: Finding, access: AccessFindings | undefined): readonly Finding[] {
  const role = access?.role ?? [];
  if (login.level !== 'error') return [login, ...role];
  const explained = role.some(({ level }) => level === 'error') ? [] : [access?.local ?? login];
  return [...explained, ...role];
}

async function checkFiles(postgres: PostgresSettings): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const there = (path: string): Promise<boolean> =>
    access(path).then(
      () => true,
      () => false,
    );
  for (const tool of ['pg_rewind', 'pg_basebackup', 'pg_controldata'])
    if (!(await there(`${postgres.binDirectory}/${tool}`)))
      findings.push(
        broken(
          `There is no ${postgres.binDirectory}/${tool}.`,
          'A node that comes back could not be made a standby.',
          'Install PostgreSQL’s server package, or correct `binDirectory` (or `version`) in the settings.',
        ),
      );
  if (!(await there(postgres.includeDirectory)))
    findings.push(
      broken(
        `There is no directory ${postgres.includeDirectory}.`,
        'hamn keeps its few settings of PostgreSQL there.',
        `mkdir ${postgres.includeDirectory}; postgresql.conf must say \`include_dir = '${postgres.includeDirectory}'\`.`,
      ),
    );
  const mode = await stat(postgres.passwordFile).then(
    (found) => found.mode & 0o777,
    () => 0,
  );
  if ((mode & 0o077) !== 0)
    findings.push(
      doubtful(
        `${postgres.passwordFile} can be read by others than its owner (mode ${mode.toString(8)}).`,
        `Whoever reads it is a superuser of the database.`,
        `chmod 600 ${postgres.passwordFile}`,
      ),
    );
  return findings;
}

async function checkLogin(patient: Patient, postgres: PostgresSettings, password: string): Promise<Finding> {
  const { code, stderr, stdout } = await patient.run(
    `${postgres.binDirectory}/psql`,
    [
      '-X',
      '-w',
      '-At',
      '-h',
      '127.0.0.1',
      '-p',
      String(postgres.port),
      '-U',
      postgres.user,
      '-d',
      'postgres',
      '-c',
      loginQuery,
    ],
    { env: { PGPASSWORD: password, PGCONNECT_TIMEOUT: '2' } },
  );
  if (code === 0 && stdout.trim() === 't|t')
    return well(`PostgreSQL takes ${postgres.user} as superuser with REPLICATION.`);
  if (code === 0)
    return broken(
      `The role ${postgres.user} is not a superuser with REPLICATION.`,
      'hamn could not replicate, rewind or promote.',
      `On the primary: alter role ${postgres.user} superuser replication;`,
    );
  const reason = reasonOf(stderr);
  if (/refused|No such file/i.test(stderr))
    return doubtful(
      `PostgreSQL does not run here on port ${postgres.port}.`,
      'hamnd starts it; before the first start of hamnd this is as it should be.',
      'hamnctl explain says what this node does.',
    );
  if (/password authentication failed/.test(stderr))
    return broken(
      `PostgreSQL refuses the password of ${postgres.user}.`,
      'hamn could not see how it is.',
      `${postgres.passwordFile} must hold the password of that role.`,
    );
  return broken(
    `PostgreSQL does not take ${postgres.user} over 127.0.0.1: ${reason}`,
    'hamn could not see how it is.',
    `In pg_hba.conf: host all ${postgres.user} 127.0.0.1/32 scram-sha-256; then select pg_reload_conf();`,
  );
}

const loginQuery = 'select rolsuper, rolreplication from pg_roles where rolname = current_user';

/** psql's last line without the words before the server's own. */
const reasonOf = (stderr: string): string =>
  stderr
    .trim()
    .split('\n')
    .at(-1)
    ?.replace(/^.*FATAL:\s*/, '') || 'psql gave no reason';
