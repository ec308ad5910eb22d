import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { monotonicMs } from '../../client/log.ts';
import { run } from '../../lab/run.ts';
import { nothingLost, useClient, writesGoOn } from './client.ts';
import { twoData, useGround } from './ground.ts';

/**
 * PostgreSQL's own package is installed anew while all runs, as unattended upgrades would: Debian's maintainer scripts stop the server of that major
 * version. It is the version that the host's package lists offer now, and so a minor upgrade wherever the nodes are older than these.
 */
const ground = useGround(twoData);
const client = useClient(ground);
const packageName = `postgresql-${ground.lab.release.postgres}`;
const directory = mkdtempSync(join(tmpdir(), 'hamn-postgresql-'));
let file = '';

beforeAll(async () => {
  for (const argv of [
    ['apt-get', '-q', 'update'],
    ['apt-get', '-q', 'download', packageName],
  ]) {
    // apt's own user downloads into it.
    const done = await run(['sh', '-c', `cd ${directory} && chmod 777 . && ${argv.join(' ')}`], {
      timeoutMs: 300_000,
    });
    if (done.code !== 0) throw new Error(`${argv.join(' ')} ended with ${done.code}: ${done.stderr}`);
  }
  file = join(directory, readdirSync(directory).find((name) => name.endsWith('.deb')) ?? '');
}, 600_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const startOf = (node: string): Promise<string> => ground.sql(node, 'select pg_postmaster_start_time()');

async function install(node: string): Promise<void> {
  await ground.lab.copyIn(node, file, '/root/postgresql.deb');
  const argv = ['dpkg', '--force-confold', '-i', '/root/postgresql.deb'];
  await ground.lab.mustExec(node, argv, { timeoutMs: 180_000 });
}

describe('the upgrade of PostgreSQL’s package', () => {
  it('on the standby disturbs nobody, and the standby streams again by itself', async () => {
    const { primary, standby } = await ground.cast();
    const from = monotonicMs();
    const before = await ground.term(primary);
    const started = await startOf(standby);
    await install(standby);
    await writesGoOn(client, 30_000);
    await nothingLost(ground, client, from);
    expect(await startOf(standby)).not.toBe(started);
    expect(await ground.term(primary)).toBe(before);
  });

  it('on the primary is no failover: the server comes back under the same term', async () => {
    const { primary } = await ground.cast();
    const from = monotonicMs();
    const tokenOf = async (): Promise<unknown> => (await ground.cluster.status(primary))?.term?.token;
    const token = await tokenOf();
    const started = await startOf(primary);
    await install(primary);
    await writesGoOn(client, 30_000);
    await nothingLost(ground, client, from);
    expect(await startOf(primary)).not.toBe(started);
    expect(await tokenOf()).toBe(token);
    expect(await ground.cluster.primary()).toBe(primary);
  });

  it('in maintenance, standby first and then a switchover, never stops writes for longer than a switchover does', async () => {
    const { primary, standby } = await ground.cast();
    const from = monotonicMs();
    const maintenance = async (switched: 'on' | 'off', node: string): Promise<void> =>
      expect(await ground.hamnctl('pg', 'maintenance', switched, node)).toMatchObject({ code: 0 });
    const upgrade = async (node: string): Promise<void> => {
      await maintenance('on', node);
      await install(node);
      await maintenance('off', node);
      await ground.cast(120_000);
      expect(await ground.until(/^mn1,mn2$/, 60_000, () => ground.recordedSet())).toBe('mn1,mn2');
    };
    await upgrade(standby);
    const moved = await ground.hamnctlAt(primary, 'switchover', '--to', standby, '--yes', '--wait');
    expect(`${moved.code} ${moved.stderr}`).toMatch(/^0 /);
    await ground.cast(120_000);
    await upgrade(primary);
    await writesGoOn(client, 30_000);
    await nothingLost(ground, client, from);
    const acked = client.acked(from);
    const gaps = acked.slice(1).map((row, index) => row.doneMs - (acked[index]?.doneMs ?? row.doneMs));
    expect(Math.max(...gaps)).toBeLessThan(5000);
    expect(await ground.cluster.primary()).toBe(standby);
  });
});
