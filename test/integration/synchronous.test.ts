import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { monotonicMs } from '../client/log.ts';
import { Recorder, waitFor } from '../cluster/index.ts';
import { endFaults, Stage } from '../prove/stage.ts';
import { steps, violations } from '../prove/sync-order.ts';
import { watchSync } from '../prove/sync-watch.ts';
import { bringUp, cluster, hamnctl, lab, problems, roles, sh, sql, until } from './whole-cluster.ts';

/** What each mode acknowledges, and when it stops or goes on alone; that the record never says more than is so. */
const recorder = new Recorder(lab);
const termMs = 3000;

beforeAll(async () => {
  await bringUp();
  await recorder.start();
});
afterEach(async (context) => {
  if (context.task.result?.state === 'fail') await endFaults();
});
afterAll(async () => {
  await recorder.stop();
  recorder.remove();
  await lab.down();
});

type Mode = 'asynchronous' | 'synchronous' | 'strict';

const replication = async (): Promise<string> =>
  JSON.stringify((await cluster.status('wit1'))?.replication ?? {});

/** As an admin does it, under load. Returns when the record says what the mode promises. */
async function change(mode: Mode): Promise<Stage> {
  const { primary } = await roles();
  const stage = await Stage.begin(recorder);
  const settings = (await hamnctl(primary, 'config', 'show')).stdout;
  await lab.writeFile(primary, '/tmp/settings.yaml', settings.replace(/mode: \w+/, `mode: ${mode}`));
  const applied = await hamnctl(primary, 'config', 'apply', '/tmp/settings.yaml', '--yes');
  expect(applied).toMatchObject({ code: 0 });
  const isRight = (text: string): boolean => {
    const now = JSON.parse(text);
    const members = mode === 'asynchronous' ? 1 : 2;
    return now.mode === mode && now.synchronous?.length === members && now.degraded === false;
  };
  const said = await waitFor(40_000, 250, async () => {
    const text = await replication();
    return isRight(text) ? text : undefined;
  });
  expect(said ?? (await replication())).toSatisfy(isRight);
  return stage;
}

const metrics = async (node: string): Promise<string> =>
  (
    await sh(
      node,
      `/usr/lib/hamn/node -e "require('http').get({socketPath: '/run/hamn/hamnd.sock', path: '/metrics'}, (answer) => answer.pipe(process.stdout))"`,
    )
  ).stdout;

describe('mode synchronous', () => {
  it('goes on alone within its time, is told so everywhere, and takes the standby back; the record never says more than is so', async () => {
    const { primary, standby } = await roles();
    const stage = await Stage.begin(recorder);
    const samples = await watchSync(primary, 'wit1', async () => {
      for (let round = 0; round < 2; round++) {
        const cutAt = monotonicMs();
        await lab.isolate(standby);
        await until(/"degraded":true/, 10_000, replication);
        await stage.servedBy(primary, 5000);
        expect(stage.gapMs(cutAt)).toBeLessThan(3500);
        if (round === 1) await toldEverywhere(primary);
        await lab.heal(standby);
        await cluster.healthy(60_000);
      }
    });
    expect(violations(samples, primary)).toEqual([]);
    expect(samples.length).toBeGreaterThan(200);
    const both = [primary, standby].sort().join();
    const sorted = steps(samples.map((sample) => ({ ...sample, recorded: [...sample.recorded].sort() })));
    // Alone in the record while commits still wait: on the way out, and on the way back.
    expect(sorted.filter((step) => step === `${standby}|${both}`)).toHaveLength(3);
    expect(sorted.filter((step) => step === `-|${primary}`)).toHaveLength(2);
    expect(sorted.filter((step) => step === `${standby}|${primary}`).length).toBeGreaterThanOrEqual(2);
    await stage.judge();
    await stage.undisturbed(3500);
  });
});

async function toldEverywhere(primary: string): Promise<void> {
  const problem =
    'No standby acknowledges writes now: if the primary’s disk is lost, so are the newest ones.';
  const own = 'Degraded: no standby is synchronous now; losing this node may lose acknowledged writes.';
  const told = await problems(primary);
  expect(told).toContain(problem);
  expect(told).toContain(own);
  expect((await hamnctl(primary, 'status')).stdout).toMatch(/degraded/i);
  expect((await hamnctl(primary, 'explain')).stdout).toMatch(/degraded/i);
  expect((await hamnctl(primary, 'events')).stdout).toMatch(/degraded/i);
  expect(await metrics(primary)).toMatch(/^hamn_degraded\S* 1$/m);
}

describe('mode strict', () => {
  it('is taken on while clients write, and they notice nothing', async () => {
    await (await change('strict')).undisturbed(1500);
  });

  it('acknowledges nothing alone, however long; with the standby back the waiting commits go on', async () => {
    const { primary, standby } = await roles();
    const stage = await Stage.begin(recorder);
    await lab.powerOff(standby);
    const from = monotonicMs() + 300;
    await sleep(3 * termMs);
    expect(stage.acked(from)).toEqual([]);
    expect(await sql(primary, 'show synchronous_standby_names')).toContain(standby);
    const told =
      /No standby acknowledges writes, and mode strict does not write without one.*mode strict acknowledges nothing without one/s;
    expect(await until(told, 10_000, () => problems(primary))).toMatch(told);
    await lab.powerOn(standby);
    await stage.servedBy(primary, 60_000);
    await stage.judge();
    expect((await cluster.status(primary))?.term?.token).toBe(stage.token);
  });
});

describe('mode asynchronous', () => {
  it('is taken on while clients write, and they notice nothing', async () => {
    await (await change('asynchronous')).undisturbed(1500);
  });

  it('refuses a standby that is too far behind, says what is missing, and obeys who accepts the loss', async () => {
    const { primary, standby } = await roles();
    await sh(standby, 'pkill -STOP -f walreceiver');
    const grow = "create table lost as select i, repeat('x', 2000) from generate_series(1, 40000) i";
    await sql(primary, grow);
    const behind = /behind the primary’s last sign; the limit is 16777216/;
    const candidacy = async (): Promise<string> =>
      JSON.stringify((await cluster.status('wit1'))?.nodes.map((node) => [node.name, node.candidacy]));
    expect(await until(behind, 15_000, candidacy)).toMatch(behind);
    await lab.powerOff(primary);
    await sleep(3 * termMs);
    await sh(standby, 'pkill -CONT -f walreceiver');
    expect(await sql(standby, 'select pg_is_in_recovery()')).toBe('t');
    const refused = await hamnctl(standby, 'failover', '--to', standby, '--yes');
    expect(refused.code).toBe(4);
    expect(refused.stdout).toMatch(new RegExp(`${standby} cannot take over now\\..*${behind.source}`));
    const accepted = await hamnctl(
      standby,
      'failover',
      '--to',
      standby,
      '--allow-data-loss',
      '--yes',
      '--wait',
    );
    expect(accepted).toMatchObject({ code: 0 });
    expect(accepted.stdout).toContain('may lack acknowledged writes; --allow-data-loss accepts that.');
    expect(await sql(standby, 'select pg_is_in_recovery()')).toBe('f');
    const lost = /Lost: +at most \d+(\.\d+)? MB of writes/;
    expect(await until(lost, 30_000, async () => (await hamnctl(standby, 'history')).stdout)).toMatch(lost);
    await lab.powerOn(primary);
    expect((await roles()).primary).toBe(standby);
  });

  it('is left for synchronous while clients write, and they notice nothing', async () => {
    await (await change('synchronous')).undisturbed(1500);
  });
});
