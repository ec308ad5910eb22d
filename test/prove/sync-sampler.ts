import { appendFileSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { groupPrefix } from '@hamn/core';
import pg from 'pg';
import { monotonicMs } from '../client/log.ts';
import { clusterName, passwords } from '../cluster/options.ts';
import type { SyncSample } from './sync-order.ts';

/** Looks at the synchronous set as fast as the answers come, until SIGTERM: PostgreSQL's names over SQL, the record over etcd's own gateway. */
const { values } = parseArgs({
  options: {
    primary: { type: 'string', default: '' },
    etcd: { type: 'string', default: '' },
    tls: { type: 'string', default: '' },
    log: { type: 'string', default: '' },
  },
});

const limitMs = 2000;
const read = (name: string): Buffer => readFileSync(join(values.tls, name));
const agent = new Agent({
  keepAlive: true,
  maxSockets: 1,
  ca: read('ca.crt'),
  cert: read('node.crt'),
  key: read('node.key'),
});
const key = Buffer.from(`${groupPrefix(clusterName, 'mn')}state`).toString('base64');

/** A linearizable read of one key. @throws Error */
function recorded(): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const url = `https://${values.etcd}:2379/v3/kv/range`;
    const asked = request(url, { agent, method: 'POST', timeout: limitMs }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => {
        try {
          const value = Buffer.from(JSON.parse(text).kvs[0].value, 'base64').toString();
          resolve(JSON.parse(value).synchronous);
        } catch (error) {
          reject(error);
        }
      });
    });
    asked.on('timeout', () => asked.destroy(new Error('etcd did not answer')));
    asked.on('error', reject);
    asked.end(JSON.stringify({ key }));
  });
}

async function names(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query("select current_setting('synchronous_standby_names') as names");
  return String(rows[0]?.names).match(/\bmn\d+\b/g) ?? [];
}

const client = new pg.Client({
  host: values.primary,
  user: 'hamn',
  password: passwords.hamn,
  database: 'postgres',
  query_timeout: limitMs,
});
client.on('error', () => process.exit(1));
await client.connect();
let isOver = false;
process.once('SIGTERM', () => {
  isOver = true;
});
while (!isOver) {
  try {
    const before = await names(client);
    const inEtcd = await recorded();
    const sample: SyncSample = {
      before,
      recorded: inEtcd,
      after: await names(client),
      atMs: monotonicMs(),
    };
    appendFileSync(values.log, `${JSON.stringify(sample)}\n`);
  } catch {
    // A look that one of them did not answer says nothing.
  }
}
process.exit(0);
