import { openSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { appendRecord } from './log.ts';
import { neighbourOf } from './neighbour.ts';
import { RowWriter } from './row-writer.ts';

/**
 * A constant load through the VIP, beside the client that is timed: ten sessions, each of which commits its share of rows and records what
 * the server said, so that what is lost of the load is counted, too. A session that is late leaves rows out and catches up with none.
 * `ip netns exec hamnlab-client node test/client/load.ts --per-second 500 --host 10.99.0.10 --password p --log FILE`; ends by SIGTERM.
 */
const { values } = parseArgs({
  options: {
    'per-second': { type: 'string' },
    host: { type: 'string', default: '10.99.0.10' },
    port: { type: 'string', default: '5432' },
    user: { type: 'string', default: 'hamn_probe' },
    password: { type: 'string', default: '' },
    database: { type: 'string', default: 'postgres' },
    log: { type: 'string' },
  },
});

const sessions = 10;
/** More ids than a session can use up, so that no two writers share one. */
const idsPerSession = 1e12;
const perSecond = Number(values['per-second']);
if (!(perSecond >= sessions && perSecond <= 5000)) {
  console.error(
    `load: --per-second must be a number from ${sessions} to 5000, not '${values['per-second'] ?? ''}'.`,
  );
  process.exit(2);
}

const fd = values.log === undefined ? 1 : openSync(values.log, 'a');
const intervalMs = (1000 * sessions) / perSecond;
const first = Date.now() * 1000;
const writers = Array.from(
  { length: sessions },
  (_, index) =>
    new RowWriter(
      {
        name: `load-${index + 1}`,
        target: {
          host: values.host,
          port: Number(values.port),
          user: values.user,
          password: values.password,
          database: values.database,
        },
        firstId: first + (index + 1) * idsPerSession,
        intervalMs,
        connectLimitMs: 1000,
        queryLimitMs: 1000,
        // Many sessions that knock all the time would themselves hold up the one that takes over.
        retryMs: 250,
      },
      { record: (record) => appendRecord(fd, record), whoAnswers: () => neighbourOf(values.host) },
    ),
);

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await Promise.all(writers.map((writer) => writer.stop()));
  process.exit(0);
}

process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());
for (const [index, writer] of writers.entries())
  setTimeout(() => writer.start(), (index * intervalMs) / sessions);
