import type { NodeSettings, PostgresSettings } from '@hamn/core';
import {
  type AccessReport,
  type Arrival,
  type HbaContext,
  type HbaRule,
  type HbaVerdict,
  judgeArrival,
  lineFor,
} from '@hamn/postgres';
import { broken, doubtful, type Finding, well } from '../finding.ts';
import { roleFindings } from './access-role.ts';

export interface AccessFindings {
  /** What is wrong with hamn's role and its password. */
  readonly role: readonly Finding[];
  /** Why pg_hba.conf does not let hamnd in on its own node; undefined when it does. */
  readonly local: Finding | undefined;
  readonly others: readonly Finding[];
}

export interface AccessQuestion {
  readonly postgres: PostgresSettings;
  /** The other data nodes. */
  readonly others: readonly NodeSettings[];
  /** The addresses of this machine with their prefix lengths. */
  readonly networks: readonly string[];
}

type Database = Arrival['database'];

/** A connection that hamn makes, and what the file says to it. */
interface Judged {
  readonly arrival: Arrival;
  /** Undefined: this node itself. */
  readonly node: NodeSettings | undefined;
  /** As though the password were as the line wants it. */
  readonly verdict: HbaVerdict;
  /** With the password as it is kept. */
  readonly withPassword: HbaVerdict;
}

export function judgeAccess(report: AccessReport, question: AccessQuestion): AccessFindings {
  const { postgres, others } = question;
  const judged = [
    judge(report, question, undefined, 'postgres'),
    ...others.flatMap((node) => [
      judge(report, question, node, 'replication'),
      judge(report, question, node, 'postgres'),
    ]),
  ];
  const wantsScram = judged.find(
    ({ verdict, withPassword }) => verdict.kind === 'in' && withPassword.kind === 'refused',
  )?.verdict;
  const local = judged.find(({ node }) => node === undefined);
  return {
    role: roleFindings(report, postgres, wantsScram?.kind === 'in' ? wantsScram.line : undefined),
    local: local && findingsOf(report, postgres, [local])[0],
    others: [
      ...fileFindings(report, postgres),
      ...others.flatMap((node) =>
        findingsOf(
          report,
          postgres,
          judged.filter((one) => one.node === node),
        ),
      ),
      ...trusting(judged, postgres.user),
      ...welcome(judged),
    ],
  };
}

function judge(
  report: AccessReport,
  { postgres, networks }: AccessQuestion,
  node: NodeSettings | undefined,
  database: Database,
): Judged {
  const arrival: Arrival = {
    address: node?.address ?? '127.0.0.1',
    database,
    ways: node === undefined ? ['plain'] : waysOf(postgres, report, database),
  };
  const context: HbaContext = {
    user: postgres.user,
    memberOf: report.role?.memberOf ?? [],
    password: 'scram-sha-256',
    certificate: postgres.tls?.client !== undefined,
    networks,
  };
  return {
    arrival,
    node,
    verdict: judgeArrival(report.rules, arrival, context),
    withPassword: judgeArrival(report.rules, arrival, {
      ...context,
      password: report.role?.password ?? 'none',
    }),
  };
}

/** Without `postgres.tls` libpq tries TLS first where the server offers it, and hamnd's own questions go without. */
function waysOf({ tls }: PostgresSettings, report: AccessReport, database: Database): Arrival['ways'] {
  if (tls !== undefined) return tls.mode === 'off' ? ['plain'] : ['tls'];
  return database === 'replication' && report.offersTls ? ['tls', 'plain'] : ['plain'];
}

/** The command that has a changed file read. */
const reload = ({ osUser, binDirectory, port }: PostgresSettings): string =>
  `runuser -u ${osUser} -- ${binDirectory}/psql -p ${port} -c 'select pg_reload_conf()'`;

function fileFindings(report: AccessReport, postgres: PostgresSettings): readonly Finding[] {
  const findings = report.mistakes.map(({ file, line, error }) =>
    broken(
      `Line ${line} of ${file} has a mistake: ${error}.`,
      'PostgreSQL takes nothing of the file while it has one, and does not start with it.',
      `Correct the line, then:\n${reload(postgres)}`,
    ),
  );
  if (report.changed)
    findings.push(
      doubtful(
        `${report.file} was changed after PostgreSQL last read it.`,
        'What is checked here is not yet what counts.',
        `Have it read:\n${reload(postgres)}`,
      ),
    );
  if (postgres.tls !== undefined && postgres.tls.mode !== 'off' && !report.offersTls)
    findings.push(
      broken(
        'PostgreSQL on this node does not offer TLS, which postgres.tls wants.',
        'While this node is primary the others would have no data.',
        'In postgresql.conf: ssl = on, ssl_cert_file and ssl_key_file; or write postgres.tls.mode: off.',
      ),
    );
  return findings;
}

/** What those lack who are not let in: one finding for what has the same cause. */
function findingsOf(
  report: AccessReport,
  postgres: PostgresSettings,
  judged: readonly Judged[],
): readonly Finding[] {
  const causes = new Map<string, Judged[]>();
  for (const one of judged) {
    if (one.verdict.kind === 'in') continue;
    const cause = one.verdict.kind === 'unmatched' ? '' : `${placeOf(one.verdict.line)} ${one.verdict.kind}`;
    causes.set(cause, [...(causes.get(cause) ?? []), one]);
  }
  return [...causes.values()].flatMap((same) => findingOf(report, postgres, same));
}

function findingOf(
  report: AccessReport,
  postgres: PostgresSettings,
  same: readonly Judged[],
): readonly Finding[] {
  const [first] = same;
  if (first === undefined) return [];
  const { verdict, node } = first;
  const who = node === undefined ? 'hamnd on this node (127.0.0.1)' : `${node.name} (${node.address})`;
  const replicates = same.some(({ arrival }) => arrival.database === 'replication');
  const rewinds = same.some(({ arrival }) => arrival.database === 'postgres');
  const what =
    node === undefined
      ? 'log in'
      : [...(replicates ? ['replicate'] : []), ...(rewinds ? ['rewind'] : [])].join(' and ');
  const from = node === undefined ? '' : ' from this node';
  const lines = same.map(({ arrival }) =>
    lineFor(postgres.user, arrival, arrival.database === 'replication' ? 'replication' : 'all'),
  );
  const why = whyOf(node, replicates);
  const mend = (where: string): string =>
    `Write into ${where}:\n${lines.join('\n')}\nthen:\n${reload(postgres)}`;
  switch (verdict.kind) {
    case 'in':
      return [];
    case 'unmatched':
      return [broken(`No line of ${report.file} lets ${who} ${what}${from}.`, why, mend(report.file))];
    case 'refused':
      return [
        broken(
          `${placeOf(verdict.line)} does not let ${who} ${what}${from}: ${verdict.because}.`,
          why,
          mend(above(verdict.line)),
        ),
      ];
    case 'unsure':
      return [
        doubtful(
          `Whether line ${verdict.line.line} of ${verdict.line.file} lets ${who} ${what}${from} is not certain: ${verdict.because}.`,
          why,
          mend(above(verdict.line)),
        ),
      ];
  }
}

function whyOf(node: NodeSettings | undefined, replicates: boolean): string {
  if (node === undefined) return 'hamn could not see how PostgreSQL is.';
  return replicates
    ? `While this node is primary ${node.name} would have no data.`
    : `While this node is primary ${node.name} could only be cloned whole after a fault.`;
}

const placeOf = ({ file, line }: HbaRule): string => `Line ${line} of ${file}`;
const above = ({ file, line }: HbaRule): string => `${file}, above its line ${line}`;

function trusting(judged: readonly Judged[], user: string): readonly Finding[] {
  const lines = new Set(
    judged.flatMap(({ verdict }) =>
      verdict.kind === 'in' && verdict.line.method === 'trust' ? [placeOf(verdict.line)] : [],
    ),
  );
  return [...lines].map((place) =>
    doubtful(
      `${place} lets ${user} in without a password.`,
      'Whoever has such an address is a superuser of the database.',
      'Write scram-sha-256 there in place of trust.',
    ),
  );
}

function welcome(judged: readonly Judged[]): readonly Finding[] {
  const nodes = [...new Set(judged.flatMap(({ node }) => (node === undefined ? [] : [node])))];
  return nodes
    .filter((node) => judged.every((one) => one.node !== node || one.verdict.kind === 'in'))
    .map((node) => well(`pg_hba.conf of this node lets ${node.name} replicate and rewind from it.`));
}
