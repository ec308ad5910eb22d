import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Analysis, analyse } from '../client/analyse.ts';
import { type LogRecord, parseLog } from '../client/log.ts';
import { Lab } from './index.ts';
import { must } from './run.ts';

/** The recording clients against real PostgreSQLs and a VIP that is moved by hand: what they say must be what was done. */
const lab = new Lab({ name: 'hamnlab-rec' });
const scratch = mkdtempSync(join(tmpdir(), 'hamn-recording-'));
const clients: ChildProcess[] = [];
const client = (name: string): string => join(import.meta.dirname, '..', 'client', name);

const PREPARE = `
echo "listen_addresses = '*'" >/etc/postgresql/15/main/conf.d/lab.conf
echo 'host all all 10.99.0.0/24 trust' >>/etc/postgresql/15/main/pg_hba.conf
systemctl start postgresql@15-main
psql() { su postgres -c "/usr/bin/psql -qX -c \\"$1\\""; }
psql 'create user hamn_probe superuser'
psql 'create table hamn_probe(id bigint primary key, sent_ms double precision, node text)'
`;

beforeAll(async () => {
  await lab.up(['mn1', 'mn2'], { fresh: true });
  await Promise.all(
    ['mn1', 'mn2'].map((node) => lab.mustExec(node, ['sh', '-ec', PREPARE], { timeoutMs: 60_000 })),
  );
  await lab.mustExec('mn1', ['ip', 'address', 'add', '10.99.0.10/24', 'dev', 'eth0']);
  start(lab.clientCommand([process.execPath, client('writer.ts'), '--log', join(scratch, 'writer')]));
  start(lab.observerCommand([process.execPath, client('vip-probe.ts'), '--log', join(scratch, 'probe')]));
  await until(() => acked().length > 10);
});

afterAll(async () => {
  for (const each of clients) each.kill('SIGTERM');
  await lab.down({ wipe: true });
  rmSync(scratch, { recursive: true, force: true });
});

function start(argv: readonly string[]): void {
  const [program, ...args] = argv;
  clients.push(spawn(program ?? '', args, { stdio: ['ignore', 'ignore', 'inherit'] }));
}

const read = (name: string): LogRecord[] =>
  parseLog(readFileSync(join(scratch, name), { encoding: 'utf8', flag: 'a+' }));
const records = (): LogRecord[] => [...read('writer'), ...read('probe')];
const rows = () => read('writer').filter((record) => record.event === 'row');
const acked = () => rows().filter((row) => row.outcome === 'acked');

async function until(holds: () => boolean | Promise<boolean>, limitMs = 10_000): Promise<void> {
  const giveUpAt = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > giveUpAt) throw new Error(`Not seen within ${limitMs} ms: ${holds.toString()}`);
    await sleep(20);
  }
}

async function idsOn(node: string): Promise<Set<number>> {
  const text = await lab.mustExec(node, [
    'su',
    'postgres',
    '-c',
    'psql -qAtX -c "select id from hamn_probe"',
  ]);
  return new Set(
    text
      .split('\n')
      .filter((line) => line !== '')
      .map(Number),
  );
}

async function analysis(finalNode: string, fromMs: number): Promise<Analysis> {
  const recent = records().filter(
    (record) => (record.event === 'row' ? record.sentMs : record.atMs) >= fromMs,
  );
  return analyse({ records: recent, finalRows: await idsOn(finalNode) });
}

const psql = (node: string, sql: string): Promise<string> =>
  lab.mustExec(node, ['su', 'postgres', '-c', `psql -qAtX -c "${sql}"`]);

test('acknowledged rows are in the database of the node that is named', async () => {
  const seen = await analysis('mn1', 0);
  expect(seen).toMatchObject({ lost: [], dualPrimary: false, ackedByNode: { mn1: seen.acked } });
  expect(await idsOn('mn2')).toEqual(new Set());
});

test('a frozen server costs writes but no answers for the address; the row under way is unknown', async () => {
  const before = rows().at(-1)?.doneMs ?? 0;
  const count = acked().length;
  await lab.freeze('mn1');
  await until(() => rows().some((row) => row.doneMs > before && row.outcome === 'unknown'));
  await sleep(500); // The length of the outage, not a synchronisation.
  await lab.thaw('mn1');
  await until(() => acked().length > count + 20);
  const seen = await analysis('mn1', before - 100);
  expect(seen.writeOutage?.gapMs).toBeGreaterThan(500);
  expect(seen.vipOutage?.gapMs).toBeLessThan(200);
  expect(seen.unknown).toBe(1);
});

test('a success with a warning (a cancelled wait for a synchronous standby) is no acknowledgement', async () => {
  await psql('mn1', "alter system set synchronous_standby_names = 'nobody'");
  await psql('mn1', 'select pg_reload_conf()');
  const cancel = "select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'";
  const warned = (): boolean =>
    rows().some((row) => row.because?.includes('canceling wait for synchronous') === true);
  await until(async () => {
    await psql('mn1', cancel);
    return warned();
  });
  const row = rows().find((each) => each.because?.includes('canceling wait') === true);
  expect(row?.outcome).toBe('unknown');
  await psql('mn1', 'alter system reset synchronous_standby_names');
  await psql('mn1', 'select pg_reload_conf()');
  const count = acked().length;
  await until(() => acked().length > count + 10);
});

test('a server that refuses to write is a definite failure, over the same connection', async () => {
  const failed = (): number => rows().filter((row) => row.outcome === 'failed').length;
  await psql('mn1', 'alter system set default_transaction_read_only = on');
  await psql('mn1', 'select pg_reload_conf()');
  await until(() => failed() > 3);
  const count = acked().length;
  await lab.mustExec('mn1', [
    'sed',
    '-i',
    '/read_only/d',
    '/var/lib/postgresql/15/main/postgresql.auto.conf',
  ]);
  await psql('mn1', 'select pg_reload_conf()');
  await until(() => acked().length > count + 10);
});

test('one address on two running nodes is seen as a duplicate', async () => {
  const before = rows().at(-1)?.doneMs ?? 0;
  await lab.mustExec('mn2', ['ip', 'address', 'add', '10.99.0.10/24', 'dev', 'eth0']);
  await until(() => read('probe').some((record) => record.event === 'answer' && record.node === 'mn2'));
  await sleep(100); // Some more answers of both.
  await lab.mustExec('mn2', ['ip', 'address', 'delete', '10.99.0.10/24', 'dev', 'eth0']);
  const seen = await analysis('mn1', before);
  expect(seen.dualReasons.join()).toContain('mn1 and mn2 both answered for 10.99.0.10');
});

test('a power-off and an unreplicated successor: the outage is measured, the lost rows are counted', async () => {
  const before = rows().at(-1)?.doneMs ?? 0;
  const count = acked().length;
  await until(() => acked().length > count + 5);
  await lab.powerOff('mn1');
  await lab.mustExec('mn2', ['ip', 'address', 'add', '10.99.0.10/24', 'dev', 'eth0']);
  await must(lab.clientCommand(['ip', 'neighbour', 'flush', 'dev', 'eth0'])); // Nobody announces here; without it: about 8 s.
  await until(() => acked().filter((row) => row.node === 'mn2').length > 10);
  const seen = await analysis('mn2', before);
  expect(seen.lost.length).toBeGreaterThanOrEqual(5);
  expect(seen.lost).toEqual(
    acked()
      .filter((row) => row.sentMs >= before && row.node === 'mn1')
      .map((row) => row.id),
  );
  expect(seen.writeOutage?.gapMs).toBeGreaterThan(100);
  expect(seen.vipOutage?.gapMs).toBeGreaterThan(40);
});
