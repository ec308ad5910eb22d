import type { HbaContext, HbaRule } from './hba.ts';

/** What a server says of who may come in. */
export interface AccessReport {
  /** Its hba_file. */
  readonly file: string;
  /** The lines without a mistake, in their order. */
  readonly rules: readonly HbaRule[];
  readonly mistakes: readonly { readonly file: string; readonly line: number; readonly error: string }[];
  /** The file was written after the server last read it. */
  readonly changed: boolean;
  readonly offersTls: boolean;
  /** password_encryption: how a password that is set anew is kept. */
  readonly passwordEncryption: string;
  /** Undefined: there is no role of that name. */
  readonly role: AccessRole | undefined;
}

export interface AccessRole extends Pick<HbaContext, 'password' | 'memberOf'> {
  readonly login: boolean;
  readonly superuser: boolean;
  readonly replication: boolean;
  /** It has a password, and its time (VALID UNTIL) is over. */
  readonly expired: boolean;
}

/**
 * One row with one document. A superuser must ask: passwords are in pg_authid, of which only their kind is told. Of version 13 and later; file_name of a line is
 * known since 16.
 */
export const accessQuery = (user: string): string => `
WITH RECURSIVE
lines AS (SELECT to_jsonb(it) AS line FROM pg_hba_file_rules it),
files AS (SELECT DISTINCT coalesce(line->>'file_name', current_setting('hba_file')) AS name FROM lines),
groups(id) AS (
  SELECT roleid FROM pg_auth_members JOIN pg_roles own ON own.oid = member WHERE own.rolname = '${user}'
  UNION SELECT roleid FROM pg_auth_members JOIN groups ON member = id)
SELECT json_build_object(
  'file', current_setting('hba_file'),
  'ssl', current_setting('ssl'),
  'encryption', current_setting('password_encryption'),
  'changed', (SELECT bool_or((pg_stat_file(name, true)).modification > pg_conf_load_time()) FROM files),
  'rules', (SELECT json_agg(line) FROM lines),
  'role', (SELECT json_build_object('login', rolcanlogin, 'superuser', rolsuper, 'replication', rolreplication,
      'password', CASE WHEN rolpassword LIKE 'SCRAM-SHA-256$%' THEN 'scram-sha-256' WHEN rolpassword LIKE 'md5%' THEN 'md5' ELSE 'none' END,
      'expired', coalesce(rolvaliduntil < now(), false),
      'memberOf', (SELECT json_agg(rolname) FROM pg_roles WHERE oid IN (SELECT id FROM groups)))
    FROM pg_authid WHERE rolname = '${user}')) AS report`;

type Fields = Readonly<Record<string, unknown>>;

/** The document of accessQuery; undefined when it is none. */
export function readAccessReport(text: string): AccessReport | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  const report = fieldsOf(document);
  const file = textOf(report['file']);
  if (file === undefined) return undefined;
  const lines = listOf(report['rules']).map(fieldsOf);
  // A line that only cannot match, such as hostssl in a server without TLS, is told with an error, too; it does no harm.
  const faulty = lines.filter(
    (line) => textOf(line['error']) !== undefined && textOf(line['auth_method']) === undefined,
  );
  return {
    file,
    rules: lines.filter((line) => !faulty.includes(line)).map((line) => ruleOf(line, file)),
    mistakes: faulty.map((line) => ({ ...placeOf(line, file), error: textOf(line['error']) ?? '' })),
    changed: report['changed'] === true,
    offersTls: report['ssl'] === 'on',
    passwordEncryption: textOf(report['encryption']) ?? '',
    role: roleOf(report['role']),
  };
}

function roleOf(value: unknown): AccessRole | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const role = fieldsOf(value);
  const expired = role['expired'] === true;
  const { password } = role;
  return {
    login: role['login'] === true,
    superuser: role['superuser'] === true,
    replication: role['replication'] === true,
    password: expired || (password !== 'scram-sha-256' && password !== 'md5') ? 'none' : password,
    expired,
    memberOf: textsOf(role['memberOf']),
  };
}

const ruleOf = (line: Fields, file: string): HbaRule => ({
  ...placeOf(line, file),
  type: textOf(line['type']) ?? '',
  databases: textsOf(line['database']),
  users: textsOf(line['user_name']),
  address: textOf(line['address']),
  netmask: textOf(line['netmask']),
  method: textOf(line['auth_method']) ?? '',
  options: textsOf(line['options']),
});

const placeOf = (line: Fields, file: string): { readonly file: string; readonly line: number } => ({
  file: textOf(line['file_name']) ?? file,
  line: Number(line['line_number'] ?? 0),
});

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? { ...value } : {};
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textsOf = (value: unknown): readonly string[] =>
  listOf(value).filter((item) => typeof item === 'string');
