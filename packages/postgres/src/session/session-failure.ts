import { type Failure, fail } from '@hamn/core';
import type { PostgresError } from '../limit.ts';
import { errnoOf, reasonOf } from '../limit.ts';

/**
 * `refused`: nothing listens. `rejecting`: the server runs and takes no sessions now. `denied`: it does not let hamn in.
 * `timeout`: no answer. `broken`: the connection ended. `sql`: the statement failed.
 * `connections`: all of them are in use; the server is well.
 */
export type SessionFailure =
  | 'refused'
  | 'rejecting'
  | 'connections'
  | 'denied'
  | 'timeout'
  | 'broken'
  | 'sql';

/** The server wants the password as it is: a real one does so for the method `password` in pg_hba.conf only. */
export class AskedInClear extends Error {}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

/** Sorts what `pg` threw. SQLSTATE: PostgreSQL documentation, "PostgreSQL Error Codes". */
export function describe(
  error: unknown,
  place: Place,
): { readonly ok: false; readonly error: Failure<SessionFailure> } {
  const text = reasonOf(error);
  const code = errnoOf(error) ?? '';
  const where = `${place.host} port ${place.port}`;
  if (error instanceof AskedInClear)
    return fail(
      'denied',
      `${where} asks for the password in clear text, which hamn never sends: write scram-sha-256 instead of password into its pg_hba.conf`,
    );
  if (speaksOfTls(text, code)) return fail('denied', tlsDenial(text, place));
  if (code === 'ECONNREFUSED') return fail('refused', `nothing listens at ${where}`);
  if (code === '57P03') return fail('rejecting', text);
  if (code === '53300') return fail('connections', `${text}: all of max_connections are in use`);
  if (code.startsWith('28')) return fail('denied', denial(text, place));
  if (/locale is incompatible with operating system/.test(text))
    return fail('sql', `${text}. ${detailOf(error)}${localeRemedy}`);
  if (/^[0-9A-Z]{5}$/.test(code) && !code.startsWith('57P') && !code.startsWith('08'))
    return fail('sql', `${text} (SQLSTATE ${code})`);
  return fail('broken', `the connection to ${where} broke: ${text}`);
}

/** A server starts without the locale of a database, and lets nobody into that database. */
const localeRemedy =
  'Install it on this node (locale-gen on Debian, a glibc-langpack on RHEL; see locale -a), then restart PostgreSQL';

const detailOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'detail' in error && typeof error.detail === 'string'
    ? `${error.detail} `
    : '';

/** OpenSSL's names for what is wrong with a certificate, Node's own errors, and what `pg` says when the server knows no TLS. */
const speaksOfTls = (text: string, code: string): boolean =>
  /^(?:ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA)/.test(
    code,
  ) || /does not support SSL/i.test(text);

const tlsDenial = (text: string, place: Place): string =>
  /does not support SSL/i.test(text)
    ? `${place.host} port ${place.port} does not offer TLS, which postgres.tls wants: set ssl = on with ssl_cert_file and ssl_key_file there, or write postgres.tls.mode: off`
    : `no TLS with ${place.host} port ${place.port}: ${text}. Its certificate must be signed by the CA in postgres.tls.rootCert, and for verify-full name the node`;

/** The exact remedy for the two ways in which a server does not let a role in. */
function denial(text: string, place: Place): string {
  if (/pg_hba\.conf/.test(text))
    return `${place.host} port ${place.port}: ${hbaRemedy(text, place.user) ?? text}`;
  if (/certificate/.test(text))
    return `${place.host} port ${place.port} wants a certificate that it accepts for the role "${place.user}": ${text}. Set postgres.tls.cert and key, and map the certificate's name to the role in pg_ident.conf`;
  return (
    `${place.host} port ${place.port} does not accept hamn's role: ${text}. ` +
    `Set the password anew: ALTER ROLE "${place.user}" LOGIN SUPERUSER REPLICATION PASSWORD '...'; and put the same into postgres.passwordFile.`
  );
}

/** The line that is missing from pg_hba.conf, from the server's or a tool's error text; undefined when it is about something else. */
export function hbaRemedy(text: string, user: string): string | undefined {
  const match = /no pg_hba\.conf entry for (replication connection from )?host "([^"]+)"/.exec(text);
  if (match === null) return undefined;
  const host = match[2] ?? '';
  const mask = host.includes(':') ? 128 : 32;
  const database = match[1] === undefined ? 'all' : 'replication';
  return `pg_hba.conf does not let hamn in. Add this line to it and reload the server: host ${database} ${user} ${host}/${mask} scram-sha-256`;
}

/** A session's failure as the port's: `what` is the sentence's beginning, for example "The checkpoint failed". */
export function portFailure(
  what: string,
  failure: Failure<SessionFailure>,
): { readonly ok: false; readonly error: PostgresError } {
  const message = `${what}: ${failure.message}.`;
  switch (failure.code) {
    case 'timeout':
      return fail('timeout', message);
    case 'sql':
    case 'denied':
      return fail(/No space left/i.test(failure.message) ? 'no-space' : 'sql', message);
    default:
      return fail('down', message);
  }
}
