import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PostgresLayout, type PostgresPlaces, placesOf } from '@hamn/config';
import { type ConfigTree, readConfigTree } from '@hamn/postgres';
import { parseCfgloc } from './cfgloc.ts';
import type { Found, FoundServer } from './found.ts';

const programs = ['postgres', 'pg_ctl', 'pg_controldata', 'pg_rewind', 'pg_basebackup', 'psql'] as const;

/** A machine's files below `root`. Whatever cannot be read is as if it were not there; nothing is written. */
export async function findPostgres(root = ''): Promise<Found> {
  const disk = new Disk(root);
  const family = familyOf(await disk.text('/etc/os-release'));
  const servers = [
    ...(await debianServers(disk)),
    ...(await pgdgServers(disk)),
    ...(await plainServers(disk, family)),
  ];
  return {
    family,
    servers,
    cfgloc: cfglocOf(await disk.text('/etc/xcat/cfgloc')),
    enforcesSelinux: /^\s*SELINUX\s*=\s*enforcing/m.test((await disk.text('/etc/selinux/config')) ?? ''),
  };
}

class Disk {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  text(path: string): Promise<string | undefined> {
    return readFile(join(this.root, path), 'utf8').catch(() => undefined);
  }

  async names(path: string): Promise<readonly string[]> {
    const names = await readdir(join(this.root, path)).catch(() => []);
    return names.sort();
  }

  has(path: string): Promise<boolean> {
    return access(join(this.root, path)).then(
      () => true,
      () => false,
    );
  }
}

function familyOf(release: string | undefined): Found['family'] {
  const ids = [...(release ?? '').matchAll(/^ID(?:_LIKE)?=(.*)$/gm)].map((match) => match[1] ?? '').join(' ');
  if (/debian|ubuntu/.test(ids)) return 'debian';
  if (/suse|sles/.test(ids)) return 'suse';
  return /rhel|fedora|centos|rocky|almalinux/.test(ids) ? 'rhel' : 'unknown';
}

function cfglocOf(text: string | undefined): Found['cfgloc'] {
  if (text === undefined) return { kind: 'absent' };
  const read = parseCfgloc(text);
  return read.ok ? { kind: 'read', value: read.value } : { kind: 'other', reason: read.error.message };
}

/** Debian and Ubuntu, postgresql-common: /etc/postgresql/<version>/<instance>. */
async function debianServers(disk: Disk): Promise<readonly FoundServer[]> {
  const servers: FoundServer[] = [];
  for (const version of (await disk.names('/etc/postgresql')).filter(isVersion))
    for (const instance of await disk.names(`/etc/postgresql/${version}`)) {
      const directory = `/etc/postgresql/${version}/${instance}`;
      if (!(await disk.has(`${directory}/postgresql.conf`))) continue;
      const places = placesOf('debian', Number(version), instance);
      servers.push(
        await look(disk, { layout: 'debian', version: Number(version), instance, directory, places }),
      );
    }
  return servers;
}

/** PGDG's packages for RHEL: a directory, a unit and a setup program for each version. */
async function pgdgServers(disk: Disk): Promise<readonly FoundServer[]> {
  const servers: FoundServer[] = [];
  for (const version of (await disk.names('/var/lib/pgsql')).filter(isVersion)) {
    const usual = placesOf('rhel-pgdg', Number(version));
    const server = await inDirectory(disk, 'rhel-pgdg', usual);
    if (server !== undefined) servers.push(server);
  }
  return servers;
}

/** RHEL's own package and that of SLES: one server, in /var/lib/pgsql/data unless the unit or sysconfig say otherwise. */
async function plainServers(disk: Disk, family: Found['family']): Promise<readonly FoundServer[]> {
  const layout = family === 'suse' ? 'sles' : 'rhel';
  const server = await inDirectory(disk, layout, placesOf(layout, 0));
  return server === undefined ? [] : [server];
}

async function inDirectory(
  disk: Disk,
  layout: PostgresLayout,
  usual: PostgresPlaces,
): Promise<FoundServer | undefined> {
  const dataDirectory = (await dataDirectoryOf(disk, usual.unit)) ?? usual.dataDirectory;
  const version = Number((await disk.text(`${dataDirectory}/PG_VERSION`))?.trim());
  if (!(version > 0)) return undefined;
  const { binDirectory } = placesOf(layout, version);
  const places = { ...usual, dataDirectory, binDirectory, includeDirectory: `${dataDirectory}/conf.d` };
  return look(disk, { layout, version, instance: 'main', directory: dataDirectory, places });
}

/** `Environment=PGDATA=` of the unit or its drop-ins, the last one counting; else SLES' sysconfig. */
async function dataDirectoryOf(disk: Disk, unit: string): Promise<string | undefined> {
  let found: string | undefined;
  for (const base of ['/usr/lib/systemd/system', '/lib/systemd/system', '/etc/systemd/system']) {
    const dropIns = (await disk.names(`${base}/${unit}.d`)).filter((name) => name.endsWith('.conf'));
    for (const file of [unit, ...dropIns.map((name) => `${unit}.d/${name}`)]) {
      const text = (await disk.text(`${base}/${file}`)) ?? '';
      for (const match of text.matchAll(/^\s*Environment=.*?\bPGDATA=([^\s"']+)/gm))
        found = match[1]?.replace(/\/+$/, '');
    }
  }
  if (found !== undefined) return found;
  const sysconfig = /^\s*POSTGRES_DATADIR="?([^"\s]+)/m.exec(
    (await disk.text('/etc/sysconfig/postgresql')) ?? '',
  )?.[1];
  return sysconfig?.replace(/^~postgres(?=\/|$)/, '/var/lib/pgsql');
}

interface Place {
  readonly layout: PostgresLayout;
  readonly version: number;
  readonly instance: string;
  /** Of postgresql.conf. */
  readonly directory: string;
  readonly places: PostgresPlaces;
}

async function look(disk: Disk, place: Place): Promise<FoundServer> {
  const { layout, version, instance, directory, places } = place;
  const configFile = `${directory}/postgresql.conf`;
  const first = await readConfigTree(configFile, places.dataDirectory, disk.root);
  const said = (name: string): string | undefined =>
    first.ok ? first.value.settings.findLast((one) => one.name === name)?.value : undefined;
  const dataDirectory =
    layout === 'debian' ? (said('data_directory') ?? places.dataDirectory) : places.dataDirectory;
  const missing = await Promise.all(programs.map((name) => disk.has(`${places.binDirectory}/${name}`)));
  return {
    layout,
    version,
    instance,
    unit: places.unit,
    dataDirectory,
    binDirectory: places.binDirectory,
    configFile,
    hbaFile: said('hba_file') ?? `${directory}/pg_hba.conf`,
    includeDirectory: places.includeDirectory,
    port: Number(said('port') ?? 5432),
    includes: await includesHamn(
      disk,
      configFile,
      places.includeDirectory,
      first.ok ? first.value : undefined,
    ),
    missingPrograms: programs.filter((_, index) => missing[index] !== true),
    running: await disk.has(`${dataDirectory}/postmaster.pid`),
    trouble: first.ok ? undefined : first.error.message,
  };
}

/** hamn.conf need not be there yet: then the line that would read it is looked for. */
async function includesHamn(
  disk: Disk,
  configFile: string,
  includeDirectory: string,
  tree: ConfigTree | undefined,
): Promise<boolean> {
  const file = `${includeDirectory}/hamn.conf`;
  if (tree !== undefined && [...tree.files].some((path) => path.endsWith(file))) return true;
  const text = (await disk.text(configFile)) ?? '';
  const own = configFile.slice(0, configFile.lastIndexOf('/'));
  const inside = includeDirectory.startsWith(`${own}/`)
    ? includeDirectory.slice(own.length + 1)
    : includeDirectory;
  const paths = [...text.matchAll(/^\s*(include_dir|include_if_exists|include)\s*=?\s*'([^']*)'/gm)];
  return paths.some(([, kind, path]) =>
    kind === 'include_dir'
      ? path === includeDirectory || path === inside
      : path === file || path === `${inside}/hamn.conf`,
  );
}

const isVersion = (name: string): boolean => /^\d{1,2}$/.test(name);
