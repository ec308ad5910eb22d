import type { PostgresSettings } from '@hamn/core';
import type { AccessReport, HbaRule } from '@hamn/postgres';
import { broken, doubtful, type Finding } from '../finding.ts';

/** hamn's role, its password and how that is kept. `wantsScram`: a line that the password does not satisfy as it is kept. */
export function roleFindings(
  report: AccessReport,
  postgres: PostgresSettings,
  wantsScram: HbaRule | undefined,
): readonly Finding[] {
  const { role } = report;
  const { user, passwordFile } = postgres;
  const asOwner = (statement: string): string =>
    `On the primary:\nrunuser -u ${postgres.osUser} -- ${postgres.binDirectory}/psql -p ${postgres.port} -c "${statement}"`;
  const anew = `\nwith the password in ${passwordFile}, which is the same on all nodes.`;
  if (role === undefined)
    return [
      broken(
        `There is no role ${user} in the database.`,
        'hamn cannot log in.',
        `${asOwner(`create role ${user} login superuser replication password '...'`)}${anew}`,
      ),
    ];
  const lacking = [
    ...(role.login ? [] : ['login']),
    ...(role.superuser ? [] : ['superuser']),
    ...(role.replication ? [] : ['replication']),
  ];
  const findings: Finding[] = [];
  if (lacking.length > 0)
    findings.push(
      broken(
        `The role ${user} lacks ${lacking.join(', ').toUpperCase()}.`,
        'hamn could not replicate, rewind or promote.',
        asOwner(`alter role ${user} ${lacking.join(' ')}`),
      ),
    );
  if (role.password === 'none')
    findings.push(
      broken(
        role.expired
          ? `The time of the password of ${user} is over (VALID UNTIL).`
          : `The role ${user} has no password.`,
        'No node can replicate or rewind with it.',
        `${asOwner(`alter role ${user} password '...' valid until 'infinity'`)}${anew}`,
      ),
    );
  else if (wantsScram !== undefined)
    findings.push(
      broken(
        `The password of ${user} is kept as MD5, and line ${wantsScram.line} of ${wantsScram.file} asks for SCRAM.`,
        'No node that this line counts for can log in.',
        `${asOwner(`set password_encryption = 'scram-sha-256'; alter role ${user} password '...'`)}${anew}`,
      ),
    );
  if (report.passwordEncryption !== 'scram-sha-256' && role.password === 'scram-sha-256')
    findings.push(
      doubtful(
        `password_encryption is ${report.passwordEncryption}.`,
        `The next password of ${user} would be kept so that a line with scram-sha-256 refuses it.`,
        "In postgresql.conf: password_encryption = 'scram-sha-256'.",
      ),
    );
  return findings;
}
