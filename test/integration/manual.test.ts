import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterFile } from '../cluster/options.ts';
import { machineOf } from '../lab/index.ts';
import { makeCalls } from './https-calls.ts';
import { bringUp, cluster, hamnctl, lab, problems, roles, sql, until } from './whole-cluster.ts';

/** `failover: manual`: everything is got ready, and nothing moves without an admin's word. */
const automatic = clusterFile(cluster.options, lab.release.postgres);
const manual = automatic.replace('failover: automatic', 'failover: manual');

async function apply(text: string): Promise<void> {
  const { primary } = await roles();
  await lab.writeFile(primary, '/tmp/settings.yaml', text);
  const applied = await hamnctl(primary, 'config', 'apply', '/tmp/settings.yaml', '--yes');
  expect(applied).toMatchObject({ code: 0 });
}

async function waiting(node: string): Promise<string | undefined> {
  const metrics = {
    what: 'metrics',
    host: machineOf(node).ipv4,
    port: 7443,
    path: '/metrics',
    as: '/etc/hamn/tls',
  };
  const text = (await makeCalls(node, [metrics])).get('metrics')?.text ?? '';
  return /^hamn_failover_waiting(?:\{[^}]*\})? (\d)$/m.exec(text)?.[1];
}

const status = async (node: string): Promise<string> => (await hamnctl(node, 'status')).stdout;
const waits = /Prepared\s+failover (\S+) -> (\S+), waits for `hamnctl failover --to \2`/;

beforeAll(async () => {
  await bringUp();
  await apply(manual);
});
afterAll(async () => {
  try {
    await apply(automatic);
  } finally {
    await lab.down();
  }
});

describe('where failover is manual', () => {
  it('a dead primary is told of with what an admin can do and what that costs; nobody takes over', async () => {
    const { primary, standby } = await roles();
    await sql(primary, 'drop table if exists kept; create table kept as select 1 as id');
    expect(await waiting(standby)).toBe('0');
    expect(await status(standby)).not.toMatch(waits);
    await lab.powerOff(primary);

    const shown = await until(waits, 30_000, () => status(standby));
    expect(waits.exec(shown)?.slice(1)).toEqual([primary, standby]);
    expect(shown).toContain(`No acknowledged write is lost: ${standby} has them all.`);
    expect(shown).toMatch(/claims 10\.99\.0\.10.*promotes PostgreSQL/);
    expect(shown).toMatch(/starts xcatd/);
    const told = await until(/waits for you/, 30_000, () => problems(standby));
    expect(told).toContain(
      `${standby} is ready to take over and waits for you: \`hamnctl failover --to ${standby}\`.`,
    );
    expect(await waiting(standby)).toBe('1');
    expect((await hamnctl(standby, 'events')).stdout).toMatch(/failover\.waits/);
    // Three terms later it still waits.
    const begun = performance.now();
    await until(/over/, 15_000, async () => (performance.now() - begun > 9000 ? 'over' : ''));
    expect(await sql(standby, 'select pg_is_in_recovery()')).toBe('t');
    expect(await cluster.primary(standby)).toBe(primary);

    const moved = await hamnctl(standby, 'failover', '--to', standby, '--yes', '--wait');
    expect(moved).toMatchObject({ code: 0 });
    expect(await sql(standby, 'select id from kept')).toBe('1');
    expect(await status(standby)).not.toMatch(waits);
    await lab.powerOn(primary);
    expect((await cluster.healthy(90_000)).primary?.node).toBe(standby);
  });

  it('a switchover works as ever', async () => {
    const { primary, standby } = await roles();
    const moved = await hamnctl(primary, 'switchover', '--to', standby, '--yes', '--wait');
    expect(moved).toMatchObject({ code: 0 });
    expect((await cluster.healthy(60_000)).primary?.node).toBe(standby);
  });
});
