import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeId, ok } from '@hamn/core';
import type { Upstream } from '@hamn/engine';
import { testClock } from '@hamn/engine/testing';
import { startLimit } from '../limit.ts';
import type { PostgresDeps, PostgresOptions } from '../options.ts';
import { createPostgres, type Postgres } from '../postgres.ts';
import { findAccount } from '../process/account.ts';
import { killServerProcesses } from '../process/postmaster.ts';
import { Session } from '../session/session.ts';
import { testUnits } from './test-units.ts';

export const binDirectory = '/usr/lib/postgresql/15/bin';
const password = "se:cr\\et'1";

/** A node of its own on this machine: directories, a port, and the port under test. */
export interface TestNode {
  readonly name: string;
  readonly options: PostgresOptions;
  /** For a port with other options on the same node. */
  readonly deps: PostgresDeps;
  readonly postgres: Postgres;
  readonly upstream: Upstream;
  readonly logFile: string;
  /** A client's session with this node's server. */
  session(startup?: string): Session;
  /** One statement whose failure is the test's. */
  sql(text: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** As a new hamnd would begin. */
  restarted(): Postgres;
}

export interface TestCluster {
  readonly root: string;
  node(name: string, layout?: 'debian' | 'rhel'): Promise<TestNode>;
  close(): Promise<void>;
}

export function makeCluster(): TestCluster {
  const root = mkdtempSync(join(tmpdir(), 'hamn-postgres-'));
  chmodSync(root, 0o755);
  const nodes: TestNode[] = [];
  return {
    root,
    node: async (name, layout = 'debian') => {
      const node = await makeNode(root, name, nodes.length + 2, layout);
      nodes.push(node);
      return node;
    },
    close: async () => {
      for (const node of nodes) {
        node.postgres.close();
        await killServerProcesses(node.options.dataDirectory, startLimit(testClock, 5000));
      }
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function makeNode(
  root: string,
  name: string,
  number: number,
  layout: 'debian' | 'rhel',
): Promise<TestNode> {
  const home = join(root, name);
  const dataDirectory = join(home, 'data');
  const configDirectory = layout === 'debian' ? join(home, 'etc') : dataDirectory;
  const stateDirectory = join(home, 'state');
  const account = await findAccount('postgres');
  if (!account.ok) throw new Error(account.error.message);
  const { uid, gid } = account.value;
  for (const directory of [home, join(home, 'etc'), join(home, 'run')]) {
    mkdirSync(directory, { recursive: true });
    chownSync(directory, uid, gid);
  }
  mkdirSync(stateDirectory, { mode: 0o700 });
  const passwordFile = join(stateDirectory, 'password');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  const port = await freePort();
  const options: PostgresOptions = {
    node: nodeId(name),
    address: `127.0.0.${number}`,
    stateDirectory,
    unit: `postgresql@15-${name}.service`,
    dataDirectory,
    includeDirectory: join(configDirectory, 'conf.d'),
    binDirectory,
    port,
    user: 'hamn',
    passwordFile,
    osUser: 'postgres',
    storageTimeoutMs: 10_000,
  };
  if (layout === 'debian') writeConfiguration({ directory: configDirectory, home, options, uid, gid });
  const configFile = join(configDirectory, 'postgresql.conf');
  const logFile = join(home, 'log');
  const deps: PostgresDeps = {
    clock: testClock,
    units: testUnits({ unit: options.unit, dataDirectory, configFile, logFile }),
  };
  const make = (): Postgres => createPostgres(options, deps);
  const session = (startup?: string): Session =>
    new Session(
      {
        host: '127.0.0.1',
        port,
        user: 'hamn',
        database: 'postgres',
        startup,
        password: async () => ok(password),
      },
      { clock: testClock },
    );
  return {
    name,
    options,
    deps,
    postgres: make(),
    upstream: { node: options.node, address: options.address, port },
    logFile,
    session,
    sql: async (text) => {
      const own = session();
      const result = await own.query(text, 5000);
      own.close();
      if (!result.ok) throw new Error(`${name}: ${text}: ${result.error.message}`);
      return result.value;
    },
    restarted: make,
  };
}

/** initdb as PostgreSQL's user; in RHEL's layout the configuration is inside. */
export function initialise(node: TestNode): void {
  const { dataDirectory, passwordFile, includeDirectory } = node.options;
  const home = join(dataDirectory, '..');
  const copy = join(home, 'etc', 'initial-password');
  const owner = ownerOf();
  execFileSync('cp', [passwordFile, copy]);
  chownSync(copy, owner.uid, owner.gid);
  execFileSync(
    join(binDirectory, 'initdb'),
    [
      '-D',
      dataDirectory,
      '-U',
      'hamn',
      `--pwfile=${copy}`,
      '--auth=scram-sha-256',
      '-E',
      'UTF8',
      '--locale=C',
      '--no-sync',
    ],
    { ...owner, cwd: '/', stdio: 'pipe' },
  );
  if (includeDirectory.startsWith(dataDirectory))
    writeConfiguration({ directory: dataDirectory, home, options: node.options, ...owner });
}

export const ownerOf = (): { uid: number; gid: number } => {
  const read = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: read('-u'), gid: read('-g') };
};

export function writeConfiguration(place: {
  readonly directory: string;
  readonly home: string;
  readonly options: PostgresOptions;
  readonly uid: number;
  readonly gid: number;
}): void {
  const { directory, home, options, uid, gid } = place;
  mkdirSync(options.includeDirectory, { recursive: true });
  chownSync(options.includeDirectory, uid, gid);
  const lines = [
    `port = ${options.port}`,
    `data_directory = '${options.dataDirectory}'`,
    `hba_file = '${directory}/pg_hba.conf'`,
    `ident_file = '${directory}/pg_ident.conf'`,
    `unix_socket_directories = '${home}/run'`,
    'shared_buffers = 16MB',
    'max_wal_senders = 3',
    "include_dir = 'conf.d'",
  ];
  const files = {
    'postgresql.conf': `${lines.join('\n')}\n`,
    'pg_hba.conf':
      'host all hamn 127.0.0.0/8 scram-sha-256\nhost replication hamn 127.0.0.0/8 scram-sha-256\n',
    'pg_ident.conf': '',
  };
  for (const [file, text] of Object.entries(files)) {
    writeFileSync(join(directory, file), text, { mode: 0o640 });
    chownSync(join(directory, file), uid, gid);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object'
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });
}
