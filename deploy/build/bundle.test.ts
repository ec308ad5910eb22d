import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@hamn/engine/testing';
import { EtcdCluster } from '@hamn/etcd/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundle } from './bundle.ts';
import { dist, targets } from './targets.ts';

/** Inside the repository: packages with machine code are found from there. */
let folder: string;
let etcd: EtcdCluster;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  mkdirSync(dist, { recursive: true });
  folder = mkdtempSync(join(dist, 'bundle-test-'));
  const target = targets.find(({ name }) => name === 'hamnctl');
  if (target === undefined) throw new Error('There is no target hamnctl.');
  expect(await bundle(target, at('hamnctl.mjs'))).toBe(true);
  etcd = await EtcdCluster.start();
  const { ca, cert, key } = etcd.tls;
  for (const [name, text] of Object.entries({ ca, cert, key }))
    writeFileSync(at(name), text, { mode: 0o600 });
  const endpoints = JSON.stringify(etcd.endpoints);
  const tls = `{ca: ${at('ca')}, cert: ${at('cert')}, key: ${at('key')}}`;
  writeFileSync(
    at('hamn.yaml'),
    `cluster: test\nnode: m1\naddress: 127.0.0.1\netcd: {endpoints: ${endpoints}}\ntls: ${tls}\n`,
  );
}, 120_000);

afterAll(async () => {
  await etcd.stop();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

const read = (name: string): string => {
  try {
    return readFileSync(at(name), 'utf8');
  } catch {
    return '';
  }
};

/** hamnctl as the package has it: one file. */
const lock = (...command: readonly string[]) => {
  const args = [
    at('hamnctl.mjs'),
    '--config',
    at('hamn.yaml'),
    'lock',
    'install',
    '--ttl',
    '5s',
    '--',
    ...command,
  ];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      out += text.toString();
    });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, ended, out: () => out };
};

it('the bundled hamnctl runs a command under a lock, below a watchdog of its own', async () => {
  const run = lock('sh', '-c', 'echo "$HAMN_LOCK_NAME"; tr "\\0" " " < /proc/$PPID/cmdline; exit 7');
  expect(await run.ended).toBe(7);
  expect(run.out()).toMatch(/^install\n/);
  expect(run.out()).toContain(`${at('hamnctl.mjs')} lock-watchdog`);
}, 60_000);

it('the watchdog of the bundle stops the command when hamnctl is killed', async () => {
  const run = lock('sh', '-c', 'echo $$ > pid.new; mv pid.new pid; exec sleep 600');
  await eventually('the command runs', 30_000, () => read('pid') !== '');
  const pid = Number(read('pid'));
  run.child.kill('SIGKILL');
  const isGone = (): boolean => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  };
  await eventually('the command is stopped', 30_000, isGone);
}, 90_000);
