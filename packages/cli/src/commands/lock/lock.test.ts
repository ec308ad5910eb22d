import { eventually } from '@hamn/engine/testing';
import { EtcdCluster } from '@hamn/etcd/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../program.ts';
import { fakeApp, fakeIo } from '../../testing/fake-io.ts';
import { isAlive, LockBench, type LockRun } from '../../testing/lock-bench.ts';

const limitMs = 40_000;
/** A shell script as the command: hamnctl gives no data to a shell, its user may. */
const sh = (script: string): readonly string[] => ['--', 'sh', '-c', script];
/** Says who it is, and stays. */
const stays = (file: string): readonly string[] =>
  sh(`echo $$ > ${file}.new; mv ${file}.new ${file}; exec sleep 600`);

let etcd: EtcdCluster;
beforeAll(async () => {
  etcd = await EtcdCluster.start();
}, 60_000);
afterAll(() => etcd.stop(), 20_000);

const withBench = (run: (bench: LockBench) => Promise<void>) => async (): Promise<void> => {
  const bench = new LockBench(etcd);
  try {
    await run(bench);
  } finally {
    await bench.close();
  }
};

const pidIn = async (bench: LockBench, file: string): Promise<number> => {
  await eventually(`${file} is written`, limitMs, () => bench.read(file) !== '');
  return Number(bench.read(file));
};
const gone = (pid: number): Promise<void> =>
  eventually(`the command ${pid} is stopped`, limitMs, () => !isAlive(pid));
/** Takes the lock after somebody else's end; the code says that it was had. */
const takes = (bench: LockBench, name: string): LockRun =>
  bench.run('m2', name, '--wait', '40s', '--', 'true');

// Each has a lock of its own name, and they wait most of their time.
describe.concurrent('hamnctl lock, with a real etcd', { timeout: 120_000 }, () => {
  it(
    'does not leave the lock to what the command left behind',
    withBench(async (bench) => {
      const run = bench.run('m1', 'left', ...sh('sleep 600 & echo $! > left.pid'));
      expect(await run.ended).toBe(0);
      expect(run.err()).toContain('left processes behind; they were stopped');
      expect(isAlive(await pidIn(bench, 'left.pid'))).toBe(false);
    }),
  );

  it(
    'stops the command of a holder that is killed; the next one has the lock after the lease only',
    withBench(async (bench) => {
      const run = bench.run('m1', 'killed', '--ttl', '5s', ...stays('killed.pid'));
      const pid = await pidIn(bench, 'killed.pid');
      run.process.kill('SIGKILL');
      const waiting = takes(bench, 'killed');
      await gone(pid);
      expect(waiting.isRunning()).toBe(true);
      expect(await waiting.ended).toBe(0);
    }),
  );

  it(
    'stops the command of a frozen holder in time, and the holder finds it out when it thaws',
    withBench(async (bench) => {
      const run = bench.run('m1', 'frozen', '--ttl', '5s', ...stays('frozen.pid'));
      const pid = await pidIn(bench, 'frozen.pid');
      run.process.kill('SIGSTOP');
      const begun = performance.now();
      const waiting = bench.run(
        'm2',
        'frozen',
        '--wait',
        '40s',
        ...sh(`kill -0 ${pid} && echo alive; exit 0`),
      );
      await gone(pid);
      expect(performance.now() - begun).toBeLessThan(5000);
      expect(await waiting.ended).toBe(0);
      expect(waiting.out()).toBe('');
      run.process.kill('SIGCONT');
      expect(await run.ended).toBe(122);
      expect(run.err()).toContain('The lock frozen was lost and the command was stopped');
    }),
  );

  it(
    'kills a command that ignores SIGTERM before the lease ends',
    withBench(async (bench) => {
      const run = bench.run(
        'm1',
        'deaf',
        '--ttl',
        '5s',
        ...sh("trap '' TERM; echo $$ > deaf.new; mv deaf.new deaf.pid; while :; do sleep 1; done"),
      );
      const pid = await pidIn(bench, 'deaf.pid');
      run.process.kill('SIGSTOP');
      const waiting = bench.run('m2', 'deaf', '--wait', '40s', ...sh(`kill -0 ${pid} && echo alive; exit 0`));
      expect(await waiting.ended).toBe(0);
      expect(waiting.out()).toBe('');
      run.process.kill('SIGCONT');
      expect(await run.ended).toBe(122);
    }),
  );

  it(
    'stops what the command put into a session of its own, as runuser does, too',
    withBench(async (bench) => {
      const command = 'setsid -w sh -c "echo \\$\\$ >own.new; mv own.new own.pid; exec sleep 600"; true';
      const run = bench.run('m1', 'session', '--ttl', '5s', ...sh(command));
      const pid = await pidIn(bench, 'own.pid');
      run.process.kill('SIGKILL');
      const waiting = takes(bench, 'session');
      await gone(pid);
      expect(await waiting.ended).toBe(0);
    }),
  );

  it(
    'stops the command when its watchdog is killed or frozen',
    withBench(async (bench) => {
      for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
        const name = `watchdog-${signal}`;
        const run = bench.run(
          'm1',
          name,
          '--ttl',
          '5s',
          ...sh(`echo $PPID $$ > ${name}.new; mv ${name}.new ${name}; exec sleep 600`),
        );
        await eventually('it runs', limitMs, () => bench.read(name) !== '');
        const [watchdog = 0, pid = 0] = bench.read(name).trim().split(' ').map(Number);
        process.kill(watchdog, signal);
        expect(await run.ended).toBe(122);
        expect(isAlive(pid)).toBe(false);
        if (signal === 'SIGSTOP') process.kill(watchdog, 'SIGKILL');
      }
    }),
  );

  it(
    'says that a command cannot be started, and gives the lock back',
    withBench(async (bench) => {
      const run = bench.run('m1', 'nothing', '--', '/no/such/program');
      expect(await run.ended).toBe(126);
      expect(run.err()).toContain('The command could not be started: spawn /no/such/program ENOENT.');
      expect(await bench.run('m2', 'nothing', '--', 'true').ended).toBe(0);
    }),
  );
});

describe('hamnctl lock, alone with a real etcd', { timeout: 120_000 }, () => {
  it(
    'runs the command with name and token, passes its code on, and gives the lock back',
    withBench(async (bench) => {
      const first = bench.run('m1', 'install', ...sh('echo "$HAMN_LOCK_NAME $HAMN_LOCK_TOKEN"; exit 7'));
      expect(await first.ended).toBe(7);
      const [name, token] = first.out().trim().split(' ');
      expect(name).toBe('install');
      const second = bench.run('m2', 'install', ...sh('echo "$HAMN_LOCK_TOKEN"; kill -TERM $$'));
      expect(await second.ended).toBe(128 + 15);
      expect(Number(second.out())).toBeGreaterThan(Number(token));
      const list = bench.run('m1', '--list');
      expect(await list.ended).toBe(0);
      expect(list.out()).toBe('No lock is held.\n');
    }),
  );

  it(
    'is had by one of two that want it at once; the other one is told by whom',
    withBench(async (bench) => {
      const runs = (['m1', 'm2'] as const).map((node) => bench.run(node, 'two', ...stays(`${node}.pid`)));
      await eventually('one is refused', limitMs, () => runs.some((run) => !run.isRunning()));
      const loser = runs.findIndex((run) => !run.isRunning());
      const winner = runs[1 - loser];
      expect(await runs[loser]?.ended).toBe(121);
      expect(runs[loser]?.err()).toMatch(
        /held on m[12] by .* since .*: sh -c .*The command was not started\./,
      );
      expect(bench.read(`m${loser + 1}.pid`)).toBe('');
      const list = bench.run('m1', '--list', '--json');
      await list.ended;
      expect(JSON.parse(list.out())).toMatchObject({
        locks: [{ name: 'two', node: `m${2 - loser}`, pid: winner?.process.pid }],
      });
      await pidIn(bench, `m${2 - loser}.pid`);
      const waiting = takes(bench, 'two');
      winner?.process.kill('SIGTERM');
      expect(await winner?.ended).toBe(128 + 15);
      expect(await waiting.ended).toBe(0);
    }),
  );

  it(
    'stops the command when etcd has lost its majority for longer than the lease, not before',
    withBench(async (bench) => {
      const run = bench.run('m1', 'away', '--ttl', '8s', ...stays('away.pid'));
      const pid = await pidIn(bench, 'away.pid');
      for (const member of [1, 2]) await etcd.kill(member);
      const begun = performance.now();
      await gone(pid);
      const ms = performance.now() - begun;
      expect(await run.ended).toBe(122);
      expect(ms).toBeGreaterThan(2000);
      expect(ms).toBeLessThan(8000);
      const refused = bench.run('m2', 'away', '--', 'true');
      expect(await refused.ended).toBe(121);
      for (const member of [1, 2]) etcd.run(member);
      await eventually('a leader in etcd', 20_000, async () => (await etcd.leaderIndex()) !== undefined);
      expect(await takes(bench, 'away').ended).toBe(0);
    }),
  );

  it(
    'does without one member of etcd, the leader',
    withBench(async (bench) => {
      const run = bench.run('m1', 'leader', '--ttl', '15s', ...stays('leader.pid'));
      const pid = await pidIn(bench, 'leader.pid');
      const leader = (await etcd.leaderIndex()) ?? 0;
      await etcd.kill(leader);
      await eventually(
        'another leader',
        20_000,
        async () => ![undefined, leader].includes(await etcd.leaderIndex()),
      );
      const end = performance.now() + 16_000;
      await eventually('a lease’s time passes', 20_000, () => performance.now() > end);
      expect(isAlive(pid)).toBe(true);
      run.process.kill('SIGINT');
      expect(await run.ended).toBe(128 + 2);
      etcd.run(leader);
      await eventually('all is well', 20_000, async () => (await etcd.leaderIndex()) !== undefined);
    }),
  );
});

describe('hamnctl lock', () => {
  it.each([
    [['lock'], 'Name the lock: `hamnctl lock NAME -- COMMAND`.'],
    [['lock', 'a/b', '--', 'true'], "'a/b' is no name of a lock"],
    [['lock', 'a'], 'Say what to run, after two hyphens: `hamnctl lock a -- COMMAND`.'],
    [['lock', 'a', '--wait', '5', '--', 'true'], '--wait is a length of time with its unit'],
    [['lock', 'a', '--ttl', '2s', '--', 'true'], '--ttl is whole seconds from 5s to 3600s'],
  ])('refuses %j', async (argv, why) => {
    const io = fakeIo();
    expect(await runProgram(argv, fakeApp(io))).toBe(2);
    expect(io.written.err).toContain(why);
  });
});
