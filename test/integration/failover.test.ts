import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fault, faults } from '../bench/faults.ts';
import { type RunResult, runFault } from '../bench/run-fault.ts';
import { Recorder, vip4, vip6 } from '../cluster/index.ts';
import { machineOf } from '../lab/index.ts';
import { capture } from './announcements.ts';
import { bringUp, cluster, hamnctl, lab, roles, sql, until, xcat } from './whole-cluster.ts';

/** The main job of the whole product, by the client's own log. The bench measures; here are bounds that hold on a busy machine, too. */
const recorder = new Recorder(lab);

beforeAll(async () => {
  await bringUp();
  await recorder.start();
});
afterAll(async () => {
  await recorder.stop();
  recorder.remove();
  await lab.down();
});

const fault = (name: string): Fault => {
  const found = faults.find((each) => each.name === name);
  if (found === undefined) throw new Error(`The bench has no fault '${name}'.`);
  return found;
};

const killGuard: Fault = {
  name: 'kill-guard',
  text: 'kill -9 of hamn-guard on the primary',
  moves: false,
  lastsMs: 4000,
  begin: async (at, { primary }) => void (await at.lab.kill(primary, 'hamn-guard')),
};

/** Ends with a healthy cluster, or throws. */
async function survive(what: Fault, outageMs: number): Promise<RunResult> {
  const before = await roles();
  const result = await runFault(cluster, recorder, what, 1);
  console.log(
    `${what.name}: ${result.write_outage_ms} ms without a write, healthy after ${result.healthy_after_s} s`,
  );
  expect(result).toMatchObject({ lost: 0, dual: 0, reasons: [] });
  expect(result.write_outage_ms).toBeLessThan(outageMs);
  const after = await roles();
  expect(after.primary).toBe(what.moves ? before.standby : before.primary);
  return result;
}

/** What must be the same after something that nobody should notice. */
async function term(node: string): Promise<unknown> {
  const status = await cluster.status(node);
  return { token: status?.term?.token, started: await sql(node, 'select pg_postmaster_start_time()') };
}

describe('power-off of the primary', () => {
  it('moves the role, and the new primary tells the segment where the VIP is', async () => {
    const { standby } = await roles();
    expect(await xcat(standby, 'mkdef', '-t', 'node', '-o', 'cn1', 'groups=before')).toMatchObject({
      code: 0,
    });
    const seen = await capture(lab);
    await survive(fault('power-off'), 8000);
    await seen.stop();
    const { mac } = machineOf(standby);
    const said = seen.lines().filter((line) => line.includes(` ${mac} > `));
    const find = (pattern: RegExp): string | undefined => said.find((line) => pattern.test(line));
    const arp = vip4.replaceAll('.', '\\.');
    expect(find(new RegExp(`> ff:ff:ff:ff:ff:ff.*Request who-has ${arp}.* tell ${arp}`))).toBeDefined();
    expect(find(new RegExp(`> ff:ff:ff:ff:ff:ff.*Reply ${arp} is-at ${mac}`))).toBeDefined();
    expect(find(new RegExp(`> 33:33:.*neighbor advertisement.*tgt is ${vip6}`))).toBeDefined();
  });

  it('leaves what was defined through the VIP before, and definitions go on', async () => {
    const { standby } = await roles();
    expect((await xcat(standby, 'lsdef', 'cn1')).stdout).toContain('groups=before');
    expect(await xcat(standby, 'mkdef', '-t', 'node', '-o', 'cn2', 'groups=after')).toMatchObject({
      code: 0,
    });
    expect((await xcat(standby, 'lsdef', 'cn2')).stdout).toContain('groups=after');
  });

  it('is told afterwards: who, why and in how many milliseconds', async () => {
    const { primary, standby } = await roles();
    const history = await hamnctl(primary, 'history');
    expect(history.stdout).toMatch(new RegExp(`failover +${primary}|${standby} -> ${primary}`));
    expect(history.stdout).toMatch(/promote|promoted/);
  });
});

describe('a primary that is cut off or stands still', () => {
  it('without a network is replaced and comes back as a standby', async () => {
    const result = await survive(fault('isolate'), 8000);
    expect(result.harmless_before_ms).toBeGreaterThan(0);
  });

  it('whose processes are frozen is replaced and comes back as a standby', async () => {
    await survive(fault('freeze'), 8000);
  });
});

describe('a crash on the primary', () => {
  it('of PostgreSQL is mended in place', async () => {
    await survive(fault('kill-postmaster'), 3000);
  });

  it('of hamnd disturbs nobody: the new one resumes the term and remembers what was', async () => {
    const { primary } = await roles();
    const before = await term(primary);
    const [hamnd, events] = [await lab.pidOf(primary, 'hamnd'), await hamnctl(primary, 'events')];
    await survive(fault('kill-hamnd'), 1500);
    expect(await lab.pidOf(primary, 'hamnd')).not.toBe(hamnd);
    expect(await term(primary)).toEqual(before);
    const told = await until(/term\.resume/, 5000, async () => (await hamnctl(primary, 'events')).stdout);
    expect(told).toMatch(/term\.resume/);
    expect(told).toContain(events.stdout.trim().split('\n').at(-1));
  });

  it('of hamn-guard disturbs nobody: it is armed again', async () => {
    const { primary } = await roles();
    const before = await term(primary);
    const guard = await lab.pidOf(primary, 'hamn-guard');
    await survive(killGuard, 1500);
    expect(await lab.pidOf(primary, 'hamn-guard')).not.toBe(guard);
    expect(await term(primary)).toEqual(before);
  });
});

describe('what is planned, or hits the standby', () => {
  it('a switchover takes moments', async () => {
    await survive(fault('switchover'), 3000);
  });

  it('the standby’s power-off holds writes up for at most a term', async () => {
    await survive(fault('standby-off'), 4500);
  });
});
