import { placesOf } from '@hamn/config';
import { includeLine } from '@hamn/postgres';
import type { Found, FoundServer } from './found.ts';
import { freshCommands } from './fresh.ts';

/** What the admin is told. */
export interface Judgement {
  readonly chosen: FoundServer | undefined;
  readonly because: string;
  /** `postgres:` for the group in cluster.yaml. */
  readonly block: string | undefined;
  /** What is to be done or known, full sentences. */
  readonly notes: readonly string[];
  /** Where there is no server: what makes one. */
  readonly commands: readonly string[];
}

/** `vips`: those of the settings, where they are known already. */
export function judge(found: Found, vips: readonly string[] | undefined): Judgement {
  const { chosen, because } = choose(found);
  const xcat = cfglocNotes(found, vips);
  if (chosen === undefined)
    return {
      chosen,
      because,
      block: undefined,
      notes: xcat,
      commands: found.servers.length === 0 ? freshCommands(found.family) : [],
    };
  return {
    chosen,
    because,
    block: blockOf(chosen),
    notes: [...serverNotes(chosen, found), ...xcat],
    commands: [],
  };
}

/** The server that xCAT's file names; of several the one that runs. */
function choose({ servers, cfgloc }: Found): {
  readonly chosen: FoundServer | undefined;
  readonly because: string;
} {
  const [only] = servers;
  if (only === undefined)
    return { chosen: undefined, because: 'There is no PostgreSQL server on this machine yet.' };
  if (servers.length === 1) return { chosen: only, because: `There is one server here: ${nameOf(only)}.` };
  const port = cfgloc.kind === 'read' ? cfgloc.value.port : undefined;
  const named = servers.filter((server) => server.port === port);
  if (named.length === 1 && named[0] !== undefined)
    return {
      chosen: named[0],
      because: `Of ${servers.length} servers xCAT uses the one on port ${port}: ${nameOf(named[0])}.`,
    };
  const running = (named.length > 0 ? named : servers).filter((server) => server.running);
  if (running.length === 1 && running[0] !== undefined)
    return { chosen: running[0], because: `Of ${servers.length} servers one runs: ${nameOf(running[0])}.` };
  return {
    chosen: undefined,
    because: `There are ${servers.length} servers here, and nothing says which one is xCAT's. Give them ports of their own and name the right one in /etc/xcat/cfgloc (port=...), or write its block by hand.`,
  };
}

export const nameOf = ({ version, unit, dataDirectory, port }: FoundServer): string =>
  `version ${version}, ${unit}, data in ${dataDirectory}, port ${port}`;

/** No more than what does not follow from version and layout. */
function blockOf(server: FoundServer): string {
  const usual = placesOf(server.layout, server.version, server.instance);
  const lines = [
    ...(server.layout === 'debian' ? [] : [`layout: ${server.layout}`]),
    `version: ${server.version}`,
    ...(server.instance === 'main' ? [] : [`instance: ${server.instance}`]),
    ...(['unit', 'dataDirectory', 'includeDirectory', 'binDirectory'] as const)
      .filter((name) => server[name] !== usual[name])
      .map((name) => `${name}: ${server[name]}`),
    ...(server.port === 5432 ? [] : [`port: ${server.port}`]),
    'mode: synchronous',
  ];
  return `postgres:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

function serverNotes(server: FoundServer, found: Found): readonly string[] {
  const { configFile, includeDirectory, version, missingPrograms, dataDirectory } = server;
  const notes: string[] = [];
  if (server.trouble !== undefined) notes.push(server.trouble);
  if (version < 13)
    notes.push(`PostgreSQL ${version} is too old: hamn needs 13 or later. Upgrade it first (pg_upgrade).`);
  if (missingPrograms.length > 0)
    notes.push(
      `${server.binDirectory} lacks ${missingPrograms.join(', ')}: install the server package of version ${version}.`,
    );
  if (!server.includes)
    notes.push(
      `PostgreSQL does not read hamn's file yet. Add this line at the end of ${configFile}: ${includeLine(configFile, includeDirectory)}`,
    );
  if (server.layout !== 'debian')
    notes.push(
      `The configuration lies with the data: before a rewind or clone hamn puts postgresql.conf, pg_hba.conf, pg_ident.conf and ${includeDirectory} aside, and back after it.`,
    );
  notes.push(
    'The other data nodes need the same major version, the same locales (locale -a) and the same C library: indexes on text depend on them. A clone brings everything else.',
  );
  if (found.enforcesSelinux)
    notes.push(
      `SELinux is enforcing. PostgreSQL must be allowed to read hamn's password file and certificates: semanage fcontext -a -t postgresql_db_t '/var/lib/hamn/postgres(/.*)?'; restorecon -Rv /var/lib/hamn/postgres ${dataDirectory}`,
    );
  return notes;
}

function cfglocNotes({ cfgloc }: Found, vips: readonly string[] | undefined): readonly string[] {
  if (cfgloc.kind === 'absent')
    return [
      'There is no /etc/xcat/cfgloc: xCAT uses SQLite here, or is not installed. To move it to PostgreSQL: pgsqlsetup -i',
    ];
  if (cfgloc.kind === 'other')
    return [`/etc/xcat/cfgloc is of no use: ${cfgloc.reason}. To move xCAT to PostgreSQL: pgsqlsetup -i`];
  const { host, user, database } = cfgloc.value;
  const is = `xCAT uses the database ${database} as ${user} at ${host === '' ? 'a local socket' : host}`;
  if (vips?.includes(host) === true) return [`${is}, the VIP: as it should be.`];
  const remedy = `In /etc/xcat/cfgloc of both nodes write host=${vips?.[0] ?? '<the VIP>'}, and restart xcatd.`;
  if (vips === undefined && host !== '' && !isLocal(host))
    return [`${is}. That must be the VIP. If it is not: ${remedy}`];
  return [
    `${is}, which is not the VIP: after a failover xCAT would write elsewhere, or not at all. ${remedy}`,
  ];
}

const isLocal = (host: string): boolean =>
  ['localhost', '127.0.0.1', '::1'].includes(host) || host.startsWith('/');
