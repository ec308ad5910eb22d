import type pg from 'pg';
import type { XcatAnswer, XcatRequest } from './xml.ts';

const said = (...data: string[]): XcatAnswer => ({ data, errors: [], errorCode: 0 });
const refused = (error: string): XcatAnswer => ({ data: [], errors: [error], errorCode: 1 });

/**
 * The few commands that the tests use. Every command reads the database first (the original checks its policy table), so without a
 * database all fail.
 * @throws what `pg` throws when the session is lost
 */
export async function runCommand(client: pg.Client, request: XcatRequest): Promise<XcatAnswer> {
  await client.query('select 1');
  if (request.command === 'lsxcatd') return said('Version 2.17.0 (double)');
  if (request.command === 'lsdef') return list(client, namesIn(request));
  if (request.command === 'mkdef') return define(client, request);
  if (request.command === 'rmdef') return remove(client, namesIn(request));
  if (request.command === 'gettab') return siteValue(client, request);
  if (request.command === 'chdef') return changeSite(client, request);
  return refused(`${request.command}: the double knows lsxcatd, lsdef, mkdef, rmdef, gettab and chdef.`);
}

/** Names after -o, given as nodes, or bare. */
function namesIn(request: XcatRequest): string[] {
  const bare = request.args.filter(
    (arg, at) => !arg.startsWith('-') && !arg.includes('=') && request.args[at - 1] !== '-t',
  );
  return [...request.nodes, ...bare].flatMap((names) => names.split(',')).filter(Boolean);
}

async function list(client: pg.Client, names: readonly string[]): Promise<XcatAnswer> {
  const rows = await client.query<{ node: string; groups: string | null }>(
    names.length === 0
      ? { text: 'select node, groups from nodelist order by node' }
      : { text: 'select node, groups from nodelist where node = any($1) order by node', values: [names] },
  );
  const missing = names.filter((name) => !rows.rows.some((row) => row.node === name));
  if (missing.length > 0) return refused(`Could not find an object named '${missing[0]}' of type 'node'.`);
  if (names.length === 0) return said(...rows.rows.map((row) => `${row.node}  (node)`));
  return said(...rows.rows.flatMap((row) => [`Object name: ${row.node}`, `    groups=${row.groups ?? ''}`]));
}

/** Success is said whatever the database answers: the original does so while PostgreSQL rejects the INSERT on a standby. */
async function define(client: pg.Client, request: XcatRequest): Promise<XcatAnswer> {
  const names = namesIn(request);
  const groups = request.args.find((arg) => arg.startsWith('groups='))?.slice('groups='.length) ?? 'all';
  for (const name of names) {
    await client
      .query(
        'insert into nodelist (node, groups) values ($1, $2) on conflict (node) do update set groups = $2',
        [name, groups],
      )
      .catch(() => undefined);
  }
  return said(`${names.length} object definitions have been created or modified.`);
}

async function remove(client: pg.Client, names: readonly string[]): Promise<XcatAnswer> {
  await client.query('delete from nodelist where node = any($1)', [names]).catch(() => undefined);
  return said(`${names.length} object definitions have been removed.`);
}

/** `gettab key=master site.value`: the value alone, and an empty line where there is none. */
async function siteValue(client: pg.Client, { args }: XcatRequest): Promise<XcatAnswer> {
  const key = args.find((arg) => arg.startsWith('key='))?.slice('key='.length);
  if (key === undefined || !args.includes('site.value'))
    return refused('gettab: the double knows the table site only: gettab key=KEY site.value.');
  const { rows } = await client.query<{ value: string | null }>('select value from site where key = $1', [
    key,
  ]);
  return said(rows[0]?.value ?? '');
}

/** `chdef -t site KEY=VALUE ...`. Like mkdef it says success whatever the database answers. */
async function changeSite(client: pg.Client, { args }: XcatRequest): Promise<XcatAnswer> {
  if (args[args.indexOf('-t') + 1] !== 'site') return refused('chdef: the double knows -t site only.');
  for (const pair of args.filter((arg) => arg.includes('='))) {
    const [key = '', ...value] = pair.split('=');
    const text = 'insert into site (key, value) values ($1, $2) on conflict (key) do update set value = $2';
    await client.query(text, [key, value.join('=')]).catch(() => undefined);
  }
  return said('1 object definitions have been created or modified.');
}
