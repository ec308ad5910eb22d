import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type ResourceKind, type ResourceSettings, type Result, traitsOf } from '@hamn/core';
import { always, type ResourceCall, type ResourceFailure } from '@hamn/engine';
import { testClock } from '@hamn/engine/testing';
import { createResources } from '@hamn/resources';
import { createUnits } from '@hamn/systemd';

/**
 * Runs inside a lab node, bundled: acts on that node's systemd through the port of resources and prints what it saw as one JSON object. With
 * `begin` it only starts the long job, and is killed meanwhile.
 */
const folder = '/run/hamn-try';
const port = 3901;
const units = createUnits({}, { clock: testClock });
const resources = createResources(
  { group: 'try', node: 'mn1' },
  { clock: testClock, units, journal: { write: (event) => process.stderr.write(`${event.message}\n`) } },
);

const settingsOf = (name: string, what: ResourceKind): ResourceSettings => {
  const { limits, monitor } = traitsOf(what).defaults;
  return {
    name,
    what,
    runs: 'primary',
    after: [],
    limits,
    monitor: { ...monitor, depth: 'deep' },
    failure: { restarts: 3, windowMs: 300_000, outcome: 'degrade' },
    unfenced: false,
  };
};
const callOf = (resource: ResourceSettings, limitMs = 20_000): ResourceCall => ({
  resource,
  limitMs,
  role: 'primary',
});

const brief = (result: Result<unknown, ResourceFailure>): unknown =>
  result.ok ? (result.value ?? 'ok') : `${result.error.code}: ${result.error.message}`;

async function timed(act: () => Promise<Result<unknown, ResourceFailure>>): Promise<unknown> {
  const begun = performance.now();
  const result = brief(await act());
  return { result, ms: Math.round(performance.now() - begun) };
}

const systemctl = (...argv: readonly string[]): string => {
  try {
    return execFileSync('systemctl', argv, { encoding: 'utf8', timeout: 20_000, stdio: 'pipe' }).trim();
  } catch {
    return 'failed';
  }
};

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`Not within 10 s: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const script = (name: string, text: string): string => {
  writeFileSync(`${folder}/${name}`, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return `${folder}/${name}`;
};

const job = (...command: readonly string[]): ResourceSettings => settingsOf('job', { kind: 'job', command });
const longJob = (): ResourceSettings =>
  job(script('long', `echo begun; echo $$ >${folder}/long.pid; sleep 600`));

async function jobs(): Promise<unknown> {
  // What no shell reads arrives as it was written; hamnd's confinement is not there.
  const echo = script('echo', 'printf "%s\\n" "$@"; echo $HAMN_ROLE; echo gone >&2');
  const good = await timed(() => resources.start(callOf(job(echo, 'a $HOME', '100%', '"x" \\n')), always));
  const goodOutput = resources.output('job');
  const again = await timed(() => resources.start(callOf(job(echo, 'second')), always));
  const secondOutput = resources.output('job');
  const bad = await timed(() => resources.start(callOf(job(script('bad', 'echo no named; exit 3'))), always));
  const badTwice = await timed(() => resources.start(callOf(job(`${folder}/bad`)), always));
  const left = systemctl('list-units', '--all', '--no-legend', '--plain', 'hamn-res-*');
  const late = await timed(() => resources.start(callOf(longJob(), 3000), always));
  const latePid = Number(readFileSync(`${folder}/long.pid`, 'utf8'));
  return {
    good,
    goodOutput,
    again,
    secondOutput,
    bad,
    badTwice,
    left,
    late,
    lateLives: existsSync(`/proc/${latePid}`),
    over: await timed(() => resources.start(callOf(job(echo)), () => false)),
  };
}

/** A hamnd that began a job dies; the job goes on until the next hamnd ends it. */
async function orphan(): Promise<unknown> {
  rmSync(`${folder}/long.pid`, { force: true });
  const [node = '', program = ''] = process.argv;
  const earlier = spawn(node, [program, 'begin'], { stdio: 'ignore' });
  await until('the job runs', () => existsSync(`${folder}/long.pid`));
  const pid = Number(readFileSync(`${folder}/long.pid`, 'utf8'));
  const dead = new Promise((resolve) => earlier.once('exit', resolve));
  earlier.kill('SIGKILL');
  await dead;
  const look = brief(await resources.look(callOf(longJob())));
  const livesOn = existsSync(`/proc/${pid}`);
  const next = await timed(() => resources.start(callOf(job('/bin/true')), always));
  return { look, livesOn, next, lives: existsSync(`/proc/${pid}`) };
}

async function stopOfJob(): Promise<unknown> {
  rmSync(`${folder}/long.pid`, { force: true });
  const started = resources.start(callOf(longJob(), 60_000), always);
  await until('the job runs', () => existsSync(`${folder}/long.pid`));
  const output = resources.output('job');
  const stop = await timed(() => resources.stop(callOf(longJob())));
  return { output, stop, started: brief(await started) };
}

async function exec(): Promise<unknown> {
  const state = `${folder}/exec.pid`;
  const own = script(
    'service',
    `case $1 in
start) sleep 600 & echo $! >${state} ;;
stop) kill $(cat ${state}); rm ${state} ;;
monitor) [ -e ${state} ] || exit 7; kill -0 $(cat ${state}) || exit 9 ;;
esac`,
  );
  const service = settingsOf('own', {
    kind: 'exec',
    start: [own, 'start'],
    stop: [own, 'stop'],
    monitor: [own, 'monitor'],
  });
  const call = callOf(service);
  const before = brief(await resources.look(call));
  const start = await timed(() => resources.start(call, always));
  const look = await timed(() => resources.look(call));
  const pid = readFileSync(state, 'utf8').trim();
  const group = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim();
  const stop = await timed(() => resources.stop(call));
  const restart = brief(await resources.start(call, always));
  const kill = await timed(() => resources.kill(call));
  return { before, start, look, group, stop, restart, kill, after: brief(await resources.look(call)) };
}

async function ocf(): Promise<unknown> {
  const dummy = settingsOf('dummy', {
    kind: 'ocf',
    provider: 'heartbeat',
    agent: 'Dummy',
    parameters: { state: `${folder}/dummy.state`, fake: 'a "secret" $word `x` \\' },
    promotable: false,
    carries: false,
    exclusive: false,
  });
  const call = callOf(dummy);
  const before = brief(await resources.look(call));
  const start = await timed(() => resources.start(call, always));
  const look = await timed(() => resources.look(call));
  const shown = systemctl('show', 'hamn-res-try-dummy.service', '-p', 'Environment', '-p', 'ActiveState');
  const stop = await timed(() => resources.stop(call));
  return { before, start, look, shown, stop, after: brief(await resources.look(call)) };
}

async function unit(): Promise<unknown> {
  const unitFile = '/run/systemd/system/hamn-try-xcatd.service';
  const daemon = `${folder}/daemon.mjs`;
  writeFileSync(
    daemon,
    `import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
if (process.argv[2] === 'child') createServer().listen(${port}, '127.0.0.1');
else spawn(process.execPath, [process.argv[1], 'child'], { stdio: 'ignore', detached: true });
setInterval(() => undefined, 1000);
`,
  );
  // As xcatd's: what the main process leaves behind is not ended with it.
  writeFileSync(unitFile, `[Service]\nKillMode=process\nExecStart=${process.execPath} ${daemon}\n`);
  systemctl('daemon-reload');
  const resource = settingsOf('xcatd', {
    kind: 'unit',
    unit: 'hamn-try-xcatd.service',
    ports: [`tcp/${port}`],
    probe: ['/bin/true'],
  });
  const call = callOf(resource);
  const isWell = async (): Promise<boolean> => {
    const look = await resources.look(call);
    return look.ok && look.value.level === 'running';
  };
  const start = await timed(() => resources.start(call, always));
  await until('it listens', isWell);
  const look = await timed(() => resources.look(call));
  process.kill(Number(systemctl('show', '-p', 'MainPID', '--value', 'hamn-try-xcatd.service')), 'SIGKILL');
  await until('its end is seen', async () => !(await isWell()));
  const crashed = brief(await resources.look(call));
  const again = await timed(() => resources.start(call, always));
  await until('it listens again', isWell);
  const stop = await timed(() => resources.stop(call));
  const stopped = brief(await resources.look(call));
  const foreign = spawn(process.execPath, [daemon, 'child'], { stdio: 'ignore' });
  const held = async (): Promise<string> => String(brief(await resources.start(call, always)));
  let refused = '';
  await until('the foreign process listens', async () => {
    refused = await held();
    if (refused === 'ok') await resources.stop(call);
    return refused !== 'ok';
  });
  foreign.kill('SIGKILL');
  rmSync(unitFile);
  systemctl('daemon-reload');
  return { start, look, crashed, again, stop, stopped, refused };
}

/** In units, since hamnd itself may not mount. */
async function mount(): Promise<unknown> {
  const target = `${folder}/mounted`;
  mkdirSync(target, { recursive: true });
  const resource = settingsOf('scratch', {
    kind: 'mount',
    source: 'hamn-try',
    target,
    type: 'tmpfs',
    options: ['size=1m'],
  });
  const call = callOf(resource);
  const start = await timed(() => resources.start(call, always));
  const look = await timed(() => resources.look(call));
  const holder = spawn('/bin/sleep', ['600'], { cwd: target, stdio: 'ignore' });
  const busy = await timed(() => resources.stop(call));
  const kill = await timed(() => resources.kill(call));
  holder.kill('SIGKILL');
  return { start, look, busy, kill, after: brief(await resources.look(call)) };
}

async function main(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  if (process.argv[2] === 'begin') {
    await resources.start(callOf(longJob(), 600_000), always);
    return;
  }
  const seen: Record<string, unknown> = {};
  for (const [name, run] of Object.entries({ jobs, orphan, stopOfJob, exec, ocf, unit, mount })) {
    seen[name] = await run().catch((error: unknown) => String(error));
  }
  units.close();
  process.stdout.write(`${JSON.stringify(seen, undefined, 2)}\n`);
  process.exit(0);
}

await main();
