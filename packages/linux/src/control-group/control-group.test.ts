import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../testing/until.ts';
import { controlGroupOf, controlGroupRoot } from './find.ts';
import { killControlGroup, processesIn } from './kill.ts';

const hierarchy = existsSync('/sys/fs/cgroup/unified') ? '/sys/fs/cgroup/unified' : '/sys/fs/cgroup';
const top = `${hierarchy}/hamn-linux-test-${process.pid}`;
const made: string[] = [];
const children: ChildProcess[] = [];

function group(path: string): string {
  let directory = top;
  for (const part of ['', ...path.split('/')]) {
    directory = part === '' ? directory : `${directory}/${part}`;
    if (existsSync(directory)) continue;
    mkdirSync(directory);
    made.unshift(directory);
  }
  return directory;
}

function runIn(path: string): number {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  children.push(child);
  if (child.pid === undefined) throw new Error('sleep did not start');
  writeFileSync(`${path}/cgroup.procs`, String(child.pid));
  return child.pid;
}

beforeEach(() => {
  group('');
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await until('the group is empty', () => processesIn(top).length === 0);
  for (const path of made.splice(0)) rmdirSync(path);
});

test.each([
  ['dhcpd.service', 'system.slice/dhcpd.service'],
  ['postgresql@15-main.service', 'system.slice/system-postgresql.slice/postgresql@15-main.service'],
  ['my-pg@a.service', 'system.slice/system-my\\x2dpg.slice/my-pg@a.service'],
  ['xcatd.service', 'admins.slice/admins-own.slice/xcatd.service'],
])('%s is found in %s', (unit, place) => {
  const path = group(place);
  expect(controlGroupOf(unit, { path: top })).toBe(path);
});

test('a unit that does not run has none, and a path is no unit', () => {
  expect(controlGroupOf('nothing.service', { path: top })).toBeUndefined();
  expect(controlGroupOf('../system.slice', { path: top })).toBeUndefined();
  expect(controlGroupOf('', { path: top })).toBeUndefined();
});

test('this machine has a root of control groups', () => {
  expect(existsSync(`${controlGroupRoot()?.path}/cgroup.procs`)).toBe(true);
});

test('everything in the group and below is killed, nothing beside it', async () => {
  const unit = group('system.slice/a.service');
  const inner = group('system.slice/a.service/worker');
  const beside = group('system.slice/b.service');
  const pids = [runIn(unit), runIn(inner)];
  const other = runIn(beside);
  expect(processesIn(unit).sort()).toEqual(pids.sort());
  expect(killControlGroup(unit)).toBe(true);
  await until('both are gone', () => processesIn(unit).length === 0);
  expect(processesIn(beside)).toEqual([other]);
});

test('without cgroup.kill each process is signalled', async () => {
  const unit = `/sys/fs/cgroup/systemd/hamn-linux-test-${process.pid}`;
  if (!existsSync('/sys/fs/cgroup/systemd/cgroup.procs')) return;
  mkdirSync(unit);
  made.push(unit);
  runIn(unit);
  expect(existsSync(`${unit}/cgroup.kill`)).toBe(false);
  expect(killControlGroup(unit)).toBe(true);
  await until('it is gone', () => processesIn(unit).length === 0);
});
