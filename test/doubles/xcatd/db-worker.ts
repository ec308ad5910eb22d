import { readFileSync } from 'node:fs';
import pg from 'pg';
import { parseCfgloc } from './cfgloc.ts';
import { runCommand } from './commands.ts';
import { hear, tell } from './messages.ts';
import { startMonitoring } from './monitoring.ts';
import { paths } from './paths.ts';

const connectMs = 5000;
const retryMs = 500;
/** "Unreachable: start keeps retrying for more than 130 seconds." */
const startMs = 150_000;
/** How long a command takes to say that the database is down. */
const downMs = 120;

let session: pg.Client | undefined;

/**
 * The only process with a database session. It reads cfgloc once: a change needs a restart, as with the original. A lost session is made
 * anew by the next command.
 */
export async function runDbWorker(): Promise<void> {
  const where = parseCfgloc(readFileSync(paths.cfgloc, 'utf8'));
  const connect = async (): Promise<pg.Client> => {
    if (session !== undefined) return session;
    const client = new pg.Client({
      ...where,
      connectionTimeoutMillis: connectMs,
      application_name: 'xcatd double',
    });
    client.on('error', () => undefined);
    client.on('end', () => {
      if (session === client) session = undefined;
    });
    await client.connect();
    session = client;
    return client;
  };
  hear((message) => {
    if (message.kind !== 'ask') return;
    void answer(connect, message.request).then((said) =>
      tell({ kind: 'answer', id: message.id, answer: said }),
    );
  });
  await firstSession(connect);
}

async function firstSession(connect: () => Promise<pg.Client>): Promise<void> {
  const giveUpAt = performance.now() + startMs;
  for (;;) {
    try {
      const client = await connect();
      await createTables(client);
      await startMonitoring(client);
      return tell({ kind: 'ready' });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (performance.now() > giveUpAt)
        return tell({ kind: 'failed', why: `the database does not answer: ${why}` });
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
}

/** On a standby this is refused, and the double starts all the same. */
async function createTables(client: pg.Client): Promise<void> {
  for (const columns of [
    'nodelist (node text primary key, groups text, comments text)',
    'site (key text primary key, value text)',
    'monitoring (name text primary key, nodestatmon text)',
  ]) {
    await client.query(`create table if not exists ${columns}`).catch((error: unknown) => {
      if (!isReadOnly(error)) throw error;
    });
  }
}

/** SQLSTATE 25006, read_only_sql_transaction. */
const isReadOnly = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === '25006';

async function answer(
  connect: () => Promise<pg.Client>,
  request: Parameters<typeof runCommand>[1],
): ReturnType<typeof runCommand> {
  try {
    return await runCommand(await connect(), request);
  } catch (error) {
    await new Promise((resolve) => setTimeout(resolve, downMs));
    const why = error instanceof Error ? error.message : String(error);
    return { data: [], errors: [`Unable to open the database: ${why}`], errorCode: 1 };
  }
}
