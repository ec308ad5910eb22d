import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cgroupRoot } from './cgroup.ts';
import { Lab } from './index.ts';
import { innermostPidOf } from './proc.ts';
import { must, run } from './run.ts';

/** A lab of its own name: a cluster that somebody keeps up beside the tests is not touched. */
const lab = new Lab({ name: 'hamnlab-test' });
const scratch = mkdtempSync(join(tmpdir(), 'hamn-lab-test-'));

beforeAll(async () => {
  await lab.up(['mn1', 'mn2'], { fresh: true });
});

afterAll(async () => {
  await lab.down({ wipe: true });
  rmSync(scratch, { recursive: true, force: true });
});

const out = async (node: string, ...argv: string[]): Promise<string> =>
  (await lab.mustExec(node, argv)).trim();
const bootId = (node: string): Promise<string> => out(node, 'cat', '/proc/sys/kernel/random/boot_id');
const carrier = (node: string): Promise<string> => out(node, 'cat', '/sys/class/net/eth0/carrier');

/** True when the client hears the address within the limit; asks every 200 ms. */
async function answers(address: string, limitS = 1): Promise<boolean> {
  const ping = ['ping', '-n', '-q', '-c', '1', '-i', '0.2', '-w', String(limitS), address];
  return (await run(lab.clientCommand(ping))).code === 0;
}

async function eventually(holds: () => Promise<boolean>, limitMs = 5_000): Promise<boolean> {
  const giveUpAt = performance.now() + limitMs;
  while (performance.now() < giveUpAt) {
    if (await holds()) return true;
    await sleep(20);
  }
  return false;
}

describe('a node', () => {
  test('is a machine: systemd as PID 1, a name, addresses, and the others by name', async () => {
    expect(await out('mn1', 'cat', '/proc/1/comm')).toBe('systemd');
    expect(await out('mn1', 'systemctl', 'is-active', 'multi-user.target')).toBe('active');
    expect(await out('mn1', 'hostname')).toBe('mn1');
    const addresses = await out('mn1', 'ip', '-o', 'address', 'show', 'eth0');
    expect(addresses).toContain('10.99.0.11/24');
    expect(addresses).toContain('fd99::11/64');
    await out('mn1', 'ping', '-q', '-c', '1', '-w', '2', 'mn2');
    await out('mn1', 'ping', '-6', '-q', '-c', '1', '-w', '2', 'fd99::12');
  });

  test('cannot change the settings of the host kernel, but its own network', async () => {
    const write = (path: string): Promise<{ code: number }> =>
      lab.exec('mn1', ['sh', '-c', 'cat "$0" >/tmp/v && cat /tmp/v >"$0"', path]);
    expect((await write('/proc/sys/kernel/pid_max')).code).not.toBe(0);
    expect((await write('/proc/sys/net/ipv4/conf/all/arp_notify')).code).toBe(0);
  });

  test('runs the units it is given: PostgreSQL is there, and off until it is started', async () => {
    expect((await lab.exec('mn1', ['systemctl', 'is-active', 'postgresql@15-main'])).stdout.trim()).toBe(
      'inactive',
    );
    for (const unit of ['etcd', 'postgresql', 'isc-dhcp-server', 'ssh']) {
      expect((await lab.exec('mn1', ['systemctl', 'is-enabled', unit])).stdout.trim()).toBe('disabled');
    }
  });
});

describe('exec', () => {
  test('gives code, output and error output, and passes input', async () => {
    const result = await lab.exec('mn1', ['sh', '-c', 'cat; echo oops >&2; exit 3'], { input: 'hello' });
    expect(result).toEqual({ code: 3, stdout: 'hello', stderr: 'oops\n', timedOut: false });
  });

  test("is inside the node's control group", async () => {
    expect(await out('mn1', 'grep', '^0::', '/proc/self/cgroup')).toBe('0::/lab-exec');
  });

  test('ends at its limit, and so does what it ran', async () => {
    const result = await lab.exec('mn1', ['sh', '-c', 'sleep 3217; true'], { timeoutMs: 300 });
    expect(result).toMatchObject({ code: 124, timedOut: true });
    expect((await lab.exec('mn1', ['pgrep', '-f', 'sleep 3217'])).code).toBe(1);
  });

  test('does not wait for a daemon that keeps the output open', async () => {
    const start = performance.now();
    expect((await lab.exec('mn1', ['sh', '-c', 'sleep 4 & echo started'])).stdout).toBe('started\n');
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  test('on a node that is not there says so', async () => {
    await expect(lab.exec('mn9', ['true'])).rejects.toThrow("The lab knows no node 'mn9'");
    await expect(lab.exec('mn3', ['true'])).rejects.toThrow('Node mn3 is off.');
  });
});

describe('files', () => {
  test('written text arrives with its mode', async () => {
    await lab.writeFile('mn1', '/etc/hamn-test/secret', 'one\ntwo\n', 0o600);
    expect(await out('mn1', 'cat', '/etc/hamn-test/secret')).toBe('one\ntwo');
    expect(await out('mn1', 'stat', '-c', '%a %U', '/etc/hamn-test/secret')).toBe('600 root');
  });

  test('a file and a directory are copied with their modes', async () => {
    writeFileSync(join(scratch, 'tool'), '#!/bin/sh\necho tool\n', { mode: 0o755 });
    await lab.copyIn('mn1', join(scratch, 'tool'), '/opt/one/tool');
    await lab.copyIn('mn1', scratch, '/opt/all');
    expect(await out('mn1', '/opt/one/tool')).toBe('tool');
    expect(await out('mn1', '/opt/all/tool')).toBe('tool');
    await expect(lab.copyIn('mn1', '/no/such/file', '/x')).rejects.toThrow('There is no /no/such/file');
  });

  test('a directory that comes from the base can be renamed', async () => {
    const rename = 'rename($ARGV[0], $ARGV[1]) or die $!';
    await out('mn1', 'perl', '-e', rename, '/var/lib/etcd', '/var/lib/etcd.aside');
    await out('mn1', 'perl', '-e', rename, '/var/lib/etcd.aside', '/var/lib/etcd');
  });
});

describe('power', () => {
  test('off: silent at once, and nothing is left', async () => {
    await out('mn1', 'systemctl', 'start', 'ssh');
    const peer = await connectFromClient('10.99.0.11', 22);
    await lab.powerOff('mn1');
    const sockets = await must(lab.clientCommand(['ss', '-Htn', 'dst', '10.99.0.11']));
    peer.kill('SIGKILL');
    expect(sockets).toMatch(/^ESTAB/); // No FIN and no RST came.
    expect(await lab.isOn('mn1')).toBe(false);
    await expectNoTraceOf('mn1');
    await expect(lab.powerOff('mn1')).rejects.toThrow('Node mn1 is off.');
  });

  test('on: a boot of its own, with the disk and the journal of before', async () => {
    const before = JSON.parse(await out('mn2', 'journalctl', '-o', 'json', '-n', '1')) as {
      _BOOT_ID: string;
    };
    const firstId = await bootId('mn2');
    expect(before._BOOT_ID).toBe(firstId.replaceAll('-', ''));
    await out('mn2', 'sh', '-c', 'echo kept >/root/kept');
    await lab.powerOff('mn2');
    const start = performance.now();
    await lab.powerOn('mn2');
    expect(performance.now() - start).toBeLessThan(10_000);
    const secondId = await bootId('mn2');
    expect(secondId).not.toBe(firstId);
    expect(await out('mn2', 'cat', '/root/kept')).toBe('kept');
    const boots = await out('mn2', 'journalctl', '--list-boots');
    for (const id of [firstId, secondId]) expect(boots).toContain(id.replaceAll('-', ''));
    await expect(lab.powerOn('mn2')).rejects.toThrow('Node mn2 is on already.');
    await lab.powerOn('mn1');
  });

  test('a reset throws the disk away', async () => {
    await out('mn2', 'sh', '-c', 'echo kept >/root/kept');
    await lab.reset('mn2');
    await lab.up(['mn2']);
    expect((await lab.exec('mn2', ['cat', '/root/kept'])).code).toBe(1);
  });
});

describe('the link', () => {
  test('cut is seen by the node as a lost carrier', async () => {
    await lab.cut('mn1');
    expect(await eventually(async () => (await carrier('mn1')) === '0')).toBe(true);
    expect(await answers('10.99.0.11')).toBe(false);
    await lab.heal('mn1');
    expect(await answers('10.99.0.11', 5)).toBe(true);
  });

  test('isolated is not: the carrier stays, the frames do not arrive', async () => {
    await lab.isolate('mn1');
    expect(await carrier('mn1')).toBe('1');
    expect(await answers('10.99.0.11')).toBe(false);
    expect((await lab.exec('mn1', ['ping', '-q', '-c', '1', '-w', '1', 'mn2'])).code).not.toBe(0);
    expect((await lab.status()).find((each) => each.node === 'mn1')?.link).toBe('isolated');
    await lab.heal('mn1');
    expect(await answers('10.99.0.11', 5)).toBe(true);
  });
});

describe('standing still', () => {
  test('frozen: no process runs, the kernel answers', async () => {
    await lab.freeze('mn1');
    expect(await lab.exec('mn1', ['true'], { timeoutMs: 300 })).toMatchObject({ timedOut: true });
    expect(await answers('10.99.0.11')).toBe(true);
    await lab.thaw('mn1');
    expect((await lab.exec('mn1', ['true'])).code).toBe(0);
  });

  test('paused: neither; resumed: both', async () => {
    await lab.pause('mn1');
    expect(await answers('10.99.0.11')).toBe(false);
    expect(await lab.exec('mn1', ['true'], { timeoutMs: 300 })).toMatchObject({ timedOut: true });
    await lab.resume('mn1');
    expect(await answers('10.99.0.11', 5)).toBe(true);
    expect((await lab.exec('mn1', ['true'])).code).toBe(0);
  });

  test('a frozen node can be powered off', async () => {
    await lab.freeze('mn1');
    await lab.powerOff('mn1');
    await expectNoTraceOf('mn1');
    await lab.powerOn('mn1');
  });

  test('up ends the faults of nodes that are on', async () => {
    await lab.pause('mn1');
    await lab.up(['mn1', 'mn2']);
    expect((await lab.exec('mn1', ['true'])).code).toBe(0);
    expect(await answers('10.99.0.11', 5)).toBe(true);
  });
});

describe('kill', () => {
  test("ends a unit's main process; systemd sees it", async () => {
    const before = await lab.pidOf('mn1', 'cron');
    expect(await lab.kill('mn1', 'cron')).toBe(before);
    const restarted = (): Promise<boolean> =>
      lab.pidOf('mn1', 'cron').then(
        (pid) => pid !== before,
        () => false,
      );
    expect(await eventually(restarted)).toBe(true); // cron's unit has Restart=on-failure.
  });

  test("'postgres' is the postmaster", async () => {
    await out('mn1', 'systemctl', 'start', 'postgresql@15-main');
    const file = await out('mn1', 'head', '-n1', '/var/lib/postgresql/15/main/postmaster.pid');
    expect(innermostPidOf(await lab.pidOf('mn1', 'postgres'))).toBe(Number(file));
    await lab.kill('mn1', 'postgres');
    const gone = async (): Promise<boolean> =>
      (await lab.exec('mn1', ['pgrep', '-x', 'postgres'])).code === 1;
    expect(await eventually(gone)).toBe(true);
  });

  test('what does not run is named', async () => {
    await expect(lab.kill('mn1', 'xcatd')).rejects.toThrow("neither a unit nor a process named 'xcatd'");
  });
});

test('a node whose init was killed behind our back is off, and comes up again', async () => {
  const pid = (await lab.status()).find((each) => each.node === 'mn2')?.initPid ?? 0;
  process.kill(pid, 'SIGKILL');
  expect(await eventually(async () => !(await lab.isOn('mn2')))).toBe(true);
  await lab.up(['mn2']);
  expect(await out('mn2', 'systemctl', 'is-system-running')).toBe('running');
});

test('a node that resets itself takes nobody with it, and can be powered on', async () => {
  await lab.exec('mn2', ['systemctl', 'reboot', '-ff'], { timeoutMs: 2_000 });
  expect(await eventually(async () => !(await lab.isOn('mn2')))).toBe(true);
  expect(await lab.isOn('mn1')).toBe(true);
  await lab.powerOn('mn2');
});

test('down leaves no process, namespace, mount or control group, even where a client still runs', async () => {
  const [program, ...args] = lab.clientCommand(['sleep', '3218']);
  const client = spawn(program ?? '', args);
  const ended = new Promise((resolve) => client.once('exit', (_, signal) => resolve(signal)));
  await lab.down();
  expect(await ended).toBe('SIGKILL');
  for (const node of ['mn1', 'mn2']) await expectNoTraceOf(node);
  expect(existsSync(join(await cgroupRoot(), 'hamnlab-test'))).toBe(false);
  expect(netnsOfThisLab()).toEqual([]);
});

const netnsOfThisLab = (): string[] =>
  readdirSync('/run/netns').filter((name) => name.startsWith('hamnlab-test-'));

async function expectNoTraceOf(node: string): Promise<void> {
  expect(existsSync(join(await cgroupRoot(), 'hamnlab-test', node))).toBe(false);
  expect(netnsOfThisLab()).not.toContain(`hamnlab-test-${node}`);
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain('hamn-lab/labs/hamnlab-test');
  // What waited for the node's init ends a moment after it.
  const left = async (): Promise<string> =>
    (await must(['ps', '-eo', 'args']))
      .split('\n')
      .filter((command) => command.includes(`labs/hamnlab-test/nodes/${node} `))
      .join('\n');
  const giveUpAt = performance.now() + 5000;
  while ((await left()) !== '' && performance.now() < giveUpAt) await sleep(50);
  expect(await left()).toBe('');
}

/** A TCP connection from the client's place that is open when this returns. */
async function connectFromClient(host: string, port: number): Promise<ChildProcess> {
  const script = `require('net').connect(${port}, '${host}', () => console.log('open')).on('error', () => process.exit(1));`;
  const [program, ...args] = lab.clientCommand([process.execPath, '-e', script]);
  const child = spawn(program ?? '', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', () => reject(new Error(`No connection to ${host}:${port}.`)));
  });
  return child;
}
