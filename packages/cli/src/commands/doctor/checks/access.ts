import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { PostgresSettings } from '@hamn/core';
import { type AccessReport, accessQuery, readAccessReport } from '@hamn/postgres';
import type { Patient } from '../patient.ts';
import type { CommandResult } from '../run-command.ts';
import { type AccessFindings, judgeAccess } from './access-findings.ts';

/** Who PostgreSQL on this node lets in, by its own pg_hba.conf and roles; undefined where it does not run or nobody may ask it. Nothing is written. */
export async function checkAccess(
  patient: Patient,
  postgres: PostgresSettings,
  password: string,
): Promise<AccessFindings | undefined> {
  const report = (await asHamn(patient, postgres, password)) ?? (await asOwner(patient, postgres));
  if (report === undefined) return undefined;
  const networks = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).flatMap(({ cidr }) => (cidr === null ? [] : [cidr])),
  );
  const others = (patient.settings?.nodes ?? []).filter(
    (node) => node.role === 'data' && node.name !== patient.file.node,
  );
  return judgeAccess(report, { postgres, others, networks });
}

async function asHamn(
  { run }: Patient,
  postgres: PostgresSettings,
  password: string,
): Promise<AccessReport | undefined> {
  const { binDirectory, port, user } = postgres;
  return reportOf(
    await run(
      `${binDirectory}/psql`,
      psqlArguments({ host: '127.0.0.1', port, user, question: accessQuery(user) }),
      { env: { PGPASSWORD: password, PGCONNECT_TIMEOUT: '2' } },
    ),
  );
}

/** Where hamn's role is not let in, PostgreSQL's own user mostly is, through the socket that the server's postmaster.pid names in its fifth line. */
async function asOwner({ run }: Patient, postgres: PostgresSettings): Promise<AccessReport | undefined> {
  const { binDirectory, dataDirectory, osUser, port, user } = postgres;
  const lines = await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8').catch(() => '');
  const host = lines.split('\n')[4]?.trim();
  if (host === undefined || host === '') return undefined;
  return reportOf(
    await run(
      'runuser',
      [
        '-u',
        osUser,
        '--',
        `${binDirectory}/psql`,
        ...psqlArguments({ host, port, user: osUser, question: accessQuery(user) }),
      ],
      { env: { PGCONNECT_TIMEOUT: '2' } },
    ),
  );
}

const psqlArguments = (to: {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly question: string;
}): readonly string[] => [
  '-X',
  '-w',
  '-At',
  ...['-h', to.host, '-p', String(to.port), '-U', to.user, '-d', 'postgres', '-c', to.question],
];

const reportOf = ({ code, stdout }: CommandResult): AccessReport | undefined =>
  code === 0 ? readAccessReport(stdout) : undefined;
