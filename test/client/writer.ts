import { openSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { appendRecord } from './log.ts';
import { neighbourOf } from './neighbour.ts';
import { RowWriter } from './row-writer.ts';

/**
 * The client that records: commits a row every 20 ms until SIGTERM, SIGINT or the end of its duration. Run it on the segment:
 * `ip netns exec hamnlab-client node test/client/writer.ts --host 10.99.0.10 --user u --password p --database d --log FILE`.
 */
const { values } = parseArgs({
  options: {
    name: { type: 'string', default: 'writer' },
    host: { type: 'string', default: '10.99.0.10' },
    port: { type: 'string', default: '5432' },
    user: { type: 'string', default: 'hamn_probe' },
    password: { type: 'string', default: '' },
    database: { type: 'string', default: 'postgres' },
    log: { type: 'string' },
    /** The node's name where it is known beforehand (a writer that runs inside a node); else the neighbour table tells. */
    node: { type: 'string' },
    /** Default: microseconds of the epoch, so that no two runs ever use the same id. */
    'first-id': { type: 'string' },
    'interval-ms': { type: 'string', default: '20' },
    'connect-limit-ms': { type: 'string', default: '150' },
    'query-limit-ms': { type: 'string', default: '200' },
    'retry-ms': { type: 'string', default: '50' },
    'duration-ms': { type: 'string' },
  },
});

const fd = values.log === undefined ? 1 : openSync(values.log, 'a');
const writer = new RowWriter(
  {
    name: values.name,
    target: {
      host: values.host,
      port: positive('port', values.port),
      user: values.user,
      password: values.password,
      database: values.database,
    },
    firstId: values['first-id'] === undefined ? Date.now() * 1000 : positive('first-id', values['first-id']),
    intervalMs: positive('interval-ms', values['interval-ms']),
    connectLimitMs: positive('connect-limit-ms', values['connect-limit-ms']),
    queryLimitMs: positive('query-limit-ms', values['query-limit-ms']),
    retryMs: positive('retry-ms', values['retry-ms']),
  },
  {
    record: (record) => appendRecord(fd, record),
    whoAnswers: () => values.node ?? neighbourOf(values.host),
  },
);

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  console.error(`writer: --${name} must be a whole number above 0, not '${text}'.`);
  process.exit(2);
}

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await writer.stop();
  process.exit(0);
}

process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());
if (values['duration-ms'] !== undefined)
  setTimeout(() => void stop(), positive('duration-ms', values['duration-ms']));
writer.start();
