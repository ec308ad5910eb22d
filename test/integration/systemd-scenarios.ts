import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Result } from '@hamn/core';
import type { UnitFailure } from '@hamn/engine';
import { always } from '@hamn/engine';
import { testClock } from '@hamn/engine/testing';
import { createUnits, type Units } from '@hamn/systemd';

/**
 * Runs inside a lab node, bundled: acts on that node's systemd through the port and prints what it saw as one JSON object.
 * The units it makes are named hamn-try-*, live in /run and are removed at the end.
 */
const shell = (command: string): string =>
  execFileSync('sh', ['-c', command], { encoding: 'utf8', timeout: 20_000 }).trim();

const files: Readonly<Record<string, string>> = {
  // Its child ignores SIGTERM and is not stopped with it.
  'hamn-try-orphan.service':
    '[Service]\nKillMode=process\nExecStart=/bin/sh -c \'(trap "" TERM; exec sleep 1000) & exec sleep 1001\'\n',
  // SIGURG does nothing to a process that has not asked for it: what ignores its stop from its first instant on.
  'hamn-try-stubborn.service': '[Service]\nTimeoutStopSec=60\nKillSignal=SIGURG\nExecStart=/bin/sleep 1000\n',
  'hamn-try-patient.service': '[Service]\nTimeoutStopSec=1\nKillSignal=SIGURG\nExecStart=/bin/sleep 1000\n',
  'hamn-try-slow.service':
    '[Service]\nType=oneshot\nRemainAfterExit=yes\nTimeoutStartSec=60\nExecStart=/bin/sleep 30\n',
  // As Debian's PostgreSQL: its daemon is there at once, its PID file is late, and systemd would wait for it without a limit.
  'hamn-try-forking.service':
    '[Service]\nType=forking\nTimeoutStartSec=infinity\nPIDFile=/run/hamn-try-forking.pid\nExecStart=/bin/sh /run/hamn-try-forking\n',
  'hamn-try-broken.service': '[Service]\nType=oneshot\nExecStart=/bin/false\n',
  'hamn-try-plain.service':
    '[Service]\nRestart=always\nExecStart=/bin/sleep 1000\n[Install]\nWantedBy=multi-user.target\n',
  'hamn-try-gated.service': '[Service]\nExecStart=/bin/sleep 1000\n',
};

type Seen = Record<string, unknown>;

const brief = (result: Result<unknown, UnitFailure>): string =>
  result.ok ? 'ok' : `${result.error.code}: ${result.error.message}`;

async function timed(
  act: () => Promise<Result<unknown, UnitFailure>>,
): Promise<{ result: string; ms: number }> {
  const start = performance.now();
  const result = brief(await act());
  return { result, ms: Math.round(performance.now() - start) };
}

async function activeOf(units: Units, unit: string): Promise<unknown> {
  const views = await units.observe([unit], 1000);
  return views.ok ? views.value[0] : views.error;
}

const pidOf = (unit: string): number => Number(shell(`systemctl show -p MainPID --value ${unit}`));

async function crashNotice(units: Units, changed: () => Promise<void>): Promise<Seen> {
  await units.start('hamn-try-plain.service', 5000, always);
  await units.observe(['hamn-try-plain.service'], 1000);
  const pid = pidOf('hamn-try-plain.service');
  const told = changed();
  const start = performance.now();
  process.kill(pid, 'SIGKILL');
  await told;
  const noticedMs = Math.round((performance.now() - start) * 10) / 10;
  return {
    noticedMs,
    after: await activeOf(units, 'hamn-try-plain.service'),
    again: await timed(() => units.start('hamn-try-plain.service', 5000, always)),
  };
}

async function observeTimes(units: Units): Promise<Seen> {
  const names = [
    'hamn-try-plain.service',
    'dbus.service',
    'systemd-journald.service',
    'hamn-nothing.service',
  ];
  await units.observe(names, 1000);
  const times: number[] = [];
  for (let round = 0; round < 50; round += 1) {
    const start = performance.now();
    await units.observe(names, 1000);
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const views = await units.observe(names, 1000);
  return { medianMs: times[25], maxMs: times[49], views: views.ok ? views.value : views.error };
}

/** The first answer of several tries. */
async function answered<T extends { readonly ok: boolean }>(
  ask: () => Promise<T>,
  tries: number,
): Promise<T> {
  const answer = await ask();
  return answer.ok || tries <= 1 ? answer : answered(ask, tries - 1);
}

async function owned(units: Units, unit: string): Promise<Seen> {
  const before = await activeOf(units, unit);
  const own = await timed(() => units.own(unit, 5000));
  return { before, own, after: await activeOf(units, unit) };
}

/** A daemon of an init script, whose PID systemd does not know. */
async function daemonCrash(units: Units, unit: string): Promise<Seen> {
  const start = await timed(() => units.start(unit, 10_000, always));
  const before = await activeOf(units, unit);
  shell(`kill -9 $(cat /sys/fs/cgroup/system.slice/${unit}/cgroup.procs)`);
  const giveUpAt = performance.now() + 2000;
  let after = await activeOf(units, unit);
  while (JSON.stringify(after) === JSON.stringify(before) && performance.now() < giveUpAt) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    after = await activeOf(units, unit);
  }
  return {
    start,
    before,
    after,
    again: await timed(() => units.start(unit, 10_000, always)),
    stop: await timed(() => units.stop(unit, 10_000)),
  };
}

/** What a daemon hears about its own unit while it is told to end. */
async function jobDuring(units: Units, verb: 'restart' | 'stop'): Promise<unknown> {
  const unit = 'hamn-try-patient.service';
  await units.start(unit, 3000, always);
  shell(`systemctl --no-block ${verb} ${unit}`);
  const job = await units.jobType(unit, 1000);
  await units.stop(unit, 3000);
  return job.ok ? job.value : job.error;
}

const hasEnded = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return true;
  }
};

/** A postmaster that dies and is started again at once, before systemd may have noticed. */
async function postgresCrash(units: Units, unit: string): Promise<Seen> {
  const start = await timed(() => units.start(unit, 20_000, always));
  const pid = pidOf(unit);
  process.kill(pid, 'SIGKILL');
  while (!hasEnded(pid)) await new Promise((resolve) => setImmediate(resolve));
  const again = await timed(() => units.start(unit, 20_000, always));
  const isNew = pidOf(unit) !== pid;
  return { start, again, isNew, stop: await timed(() => units.stop(unit, 20_000)) };
}

const forking = 'hamn-try-forking.service';

/** The daemon of a unit whose start is still under way. */
async function startingPid(): Promise<number> {
  const giveUpAt = performance.now() + 5000;
  const processes = (): string =>
    shell(`cat /sys/fs/cgroup/system.slice/${forking}/cgroup.procs 2>/dev/null || true`);
  for (;;) {
    const pids = processes();
    const state = shell(`systemctl show -p ControlPID --value ${forking}`);
    // Looked at on both sides: the shell that starts the daemon may have ended in between.
    if (pids !== '' && state === '0' && pids === processes()) return Number(pids.split('\n')[0]);
    if (performance.now() > giveUpAt) throw new Error(`${forking} has no daemon.`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A daemon that is killed while systemd waits for its PID file: during a start, and before the next one. */
async function killedWhileActivating(units: Units): Promise<Seen> {
  writeFileSync('/run/hamn-try-forking', '(exec sleep 1000) &\n');
  const during = timed(() => units.start(forking, 10_000, always));
  process.kill(await startingPid(), 'SIGKILL');
  const killed = await during;
  const afterKill = await activeOf(units, forking);
  shell(`systemctl --no-block start ${forking}`);
  process.kill(await startingPid(), 'SIGKILL');
  const before = await activeOf(units, forking);
  writeFileSync('/run/hamn-try-forking', '(exec sleep 1000) &\necho $! >/run/hamn-try-forking.pid\n');
  const next = await timed(() => units.start(forking, 10_000, always));
  const after = await activeOf(units, forking);
  const stop = await timed(() => units.stop(forking, 3000));
  // A daemon that lives and is slow goes on, whatever the limit of the start.
  shell('rm -f /run/hamn-try-forking.pid');
  writeFileSync('/run/hamn-try-forking', '(exec sleep 1000) &\n');
  const slow = await timed(() => units.start(forking, 1500, always));
  const slowAfter = await activeOf(units, forking);
  await units.stop(forking, 3000);
  return { killed, afterKill, before, next, after, stop, slow, slowAfter };
}

async function main(): Promise<void> {
  mkdirSync('/run/systemd/system', { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(`/run/systemd/system/${name}`, text);
  mkdirSync('/run/hamn-try-data', { recursive: true });
  writeFileSync(
    '/run/hamn-try-gate',
    '#!/bin/sh\ntest -e "$1/standby.signal" || { echo "not now"; exit 1; }\n',
    { mode: 0o755 },
  );
  shell(
    'systemctl daemon-reload && systemctl enable --runtime hamn-try-plain.service 2>/dev/null; systemctl enable hamn-try-plain.service',
  );
  let wake: (() => void) | undefined;
  const units = createUnits(
    {
      gates: [{ unit: 'hamn-try-gated.service', dataDirectory: '/run/hamn-try-data' }],
      gateCommand: '/run/hamn-try-gate',
    },
    { clock: testClock },
  );
  units.watch(() => wake?.());
  const changed = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  const seen: Seen = {};
  seen['before own'] = await activeOf(units, 'hamn-try-plain.service');
  seen['own'] = await timed(() => units.own('hamn-try-plain.service', 5000));
  seen['own again'] = await timed(() => units.own('hamn-try-plain.service', 5000));
  seen['after own'] = await activeOf(units, 'hamn-try-plain.service');
  seen['restart'] = shell('systemctl show -p Restart --value hamn-try-plain.service');
  seen['missing start'] = await timed(() => units.start('hamn-nothing.service', 1000, always));
  seen['missing stop'] = await timed(() => units.stop('hamn-nothing.service', 1000));
  seen['missing own'] = await timed(() => units.own('hamn-nothing.service', 1000));
  seen['observe'] = await observeTimes(units);
  seen['crash'] = await crashNotice(units, changed);
  seen['stop'] = await timed(() => units.stop('hamn-try-plain.service', 3000));
  seen['stop stopped'] = await timed(() => units.stop('hamn-try-plain.service', 3000));
  await units.start('hamn-try-orphan.service', 3000, always);
  seen['orphan stop'] = await timed(() => units.stop('hamn-try-orphan.service', 3000));
  seen['orphans left'] = shell(
    'cat /sys/fs/cgroup/system.slice/hamn-try-orphan.service/cgroup.procs 2>/dev/null || true',
  );
  await units.start('hamn-try-stubborn.service', 3000, always);
  seen['stubborn stop'] = await timed(() => units.stop('hamn-try-stubborn.service', 1500));
  seen['stubborn after'] = await activeOf(units, 'hamn-try-stubborn.service');
  seen['slow start'] = await timed(() => units.start('hamn-try-slow.service', 500, always));
  seen['slow stop'] = await timed(() => units.stop('hamn-try-slow.service', 1500));
  seen['killed while activating'] = await killedWhileActivating(units);
  seen['broken start'] = await timed(() => units.start('hamn-try-broken.service', 1500, always));
  seen['gate own'] = await timed(() => units.own('hamn-try-gated.service', 5000));
  seen['gate closed'] = await timed(() => units.start('hamn-try-gated.service', 3000, always));
  writeFileSync('/run/hamn-try-data/standby.signal', '');
  seen['gate open'] = await timed(() => units.start('hamn-try-gated.service', 3000, always));
  seen['gate stop'] = await timed(() => units.stop('hamn-try-gated.service', 3000));
  if (process.argv.includes('--dbus')) {
    const pid = pidOf('dbus.service');
    process.kill(pid, 'SIGKILL');
    seen['dbus killed'] = await timed(() => units.observe(['dbus.service'], 200));
  }
  if (process.argv.includes('--reexec')) {
    shell('systemctl daemon-reexec');
    // A call that systemd had read and not answered when it re-executed itself is lost, and ends at its limit; the next one goes through.
    seen['reexec'] = await timed(() => answered(() => units.observe(['dbus.service'], 1000), 10));
    seen['reexec start'] = await timed(() => units.start('hamn-try-plain.service', 3000, always));
  }
  const pg = 'postgresql@15-main.service';
  seen['pg own'] = await owned(units, pg);
  seen['pg start.conf'] = shell('grep . /etc/postgresql/15/main/start.conf');
  if (process.argv.includes('--dhcpd')) {
    const dhcpd = 'isc-dhcp-server.service';
    shell(`systemctl enable ${dhcpd} 2>&1`);
    seen['dhcpd own'] = await owned(units, dhcpd);
    seen['dhcpd crash'] = await daemonCrash(units, dhcpd);
  }
  seen['job of a restart'] = await jobDuring(units, 'restart');
  seen['job of a stop'] = await jobDuring(units, 'stop');
  if (process.argv.includes('--pg')) seen['pg'] = await postgresCrash(units, pg);
  shell(
    'systemctl stop "hamn-try-*"; systemctl disable hamn-try-plain.service; rm -rf /run/systemd/system/hamn-try-* /etc/systemd/system/hamn-try-*; systemctl daemon-reload; systemctl reset-failed "hamn-try-*" 2>/dev/null || true',
  );
  units.close();
  console.log(JSON.stringify(seen, undefined, 1));
}

await main();
