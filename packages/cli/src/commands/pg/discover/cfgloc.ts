import { fail, ok, type Result } from '@hamn/core';

/** What xCAT's file says of its database, without the password: that is not kept anywhere. */
export interface Cfgloc {
  readonly database: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

/**
 * /etc/xcat/cfgloc of an xCAT on PostgreSQL: `Pg:dbname=xcatdb;host=10.1.0.223|xcatadm|password` (xCAT documentation, "Configure PostgreSQL"). Errors: `other`
 * (another kind of database, or SQLite), `garbled`. No message repeats the line: a password may be in it.
 */
export function parseCfgloc(text: string): Result<Cfgloc, 'other' | 'garbled'> {
  const line = text
    .split('\n')
    .map((one) => one.trim())
    .find((one) => one !== '' && !one.startsWith('#'));
  const kind = /^([A-Za-z]+):/.exec(line ?? '')?.[1];
  if (line === undefined || kind === undefined)
    return fail(
      'garbled',
      'it does not begin with the kind of a database, such as Pg:dbname=xcatdb;host=...|user|password',
    );
  if (kind.toLowerCase() !== 'pg') return fail('other', `xCAT uses ${kind} there, not PostgreSQL`);
  const [source = '', user = ''] = line.slice(kind.length + 1).split('|');
  const words = new Map(
    source.split(';').map((word): readonly [string, string] => {
      const [name = '', ...value] = word.split('=');
      return [name.trim().toLowerCase(), value.join('=').trim()];
    }),
  );
  const port = Number(words.get('port') ?? 5432);
  const database = words.get('dbname') ?? words.get('database') ?? words.get('db') ?? '';
  if (database === '' || user.trim() === '' || !Number.isInteger(port) || port < 1 || port > 65_535)
    return fail('garbled', 'it must be Pg:dbname=<database>;host=<VIP>|<user>|<password>');
  return ok({ database, host: words.get('host') ?? '', port, user: user.trim() });
}
