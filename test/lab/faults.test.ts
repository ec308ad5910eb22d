import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLIENT, Lab, LabFaults, machineOf } from './index.ts';
import { must, run } from './run.ts';

const lab = new Lab({
  name: 'hamnlab-test-faults',
  volumes: [
    { path: '/', mb: 512 },
    { path: '/var/lib/hamn', mb: 16 },
  ],
});
const faults = new LabFaults(lab);
const mn1 = machineOf('mn1');

beforeAll(async () => {
  await lab.up(['mn1', 'mn2'], { fresh: true });
  // Neither side may need an answer by ARP: only then is one direction seen by itself.
  await must(lab.clientCommand(['ip', 'neigh', 'replace', mn1.ipv4, 'lladdr', mn1.mac, 'dev', 'eth0']));
  const neighbour = ['ip', 'neigh', 'replace', CLIENT.ipv4, 'lladdr', CLIENT.mac, 'dev', 'eth0'];
  await lab.mustExec('mn1', neighbour);
});

afterAll(async () => {
  await lab.down({ wipe: true });
});

const ping = ['ping', '-n', '-q', '-c', '3', '-i', '0.1', '-w', '1'];

/** The third line of counters of ICMP in /proc/net/snmp: how many echo requests came in. */
async function echoesSeenBy(command: (argv: readonly string[]) => Promise<string>): Promise<number> {
  const text = await command(['cat', '/proc/net/snmp']);
  const [names = '', values = ''] = text.split('\n').filter((line) => line.startsWith('Icmp:'));
  return Number(values.split(' ')[names.split(' ').indexOf('InEchos')]);
}
const seenByNode = (): Promise<number> => echoesSeenBy((argv) => lab.mustExec('mn1', argv));
const seenByClient = (): Promise<number> => echoesSeenBy((argv) => must(lab.clientCommand(argv)));

/** Pings both ways, and gives how many requests arrived at each side. */
async function arrivals(): Promise<{ atNode: number; atClient: number }> {
  const before = { node: await seenByNode(), client: await seenByClient() };
  await run(lab.clientCommand([...ping, mn1.ipv4]));
  await lab.exec('mn1', [...ping, CLIENT.ipv4]);
  return { atNode: (await seenByNode()) - before.node, atClient: (await seenByClient()) - before.client };
}

describe('the switch', () => {
  test('drops in one direction only', async () => {
    await faults.drop('mute', [{ from: 'mn1' }]);
    expect(await arrivals()).toMatchObject({ atClient: 0 });
    expect((await arrivals()).atNode).toBeGreaterThan(0);
    await faults.pass('mute');
    await faults.drop('deafen', [{ to: 'mn1' }]);
    expect(await arrivals()).toMatchObject({ atNode: 0 });
    expect((await arrivals()).atClient).toBeGreaterThan(0);
    await faults.pass('deafen');
    const healed = await arrivals();
    expect(healed.atNode).toBeGreaterThan(0);
    expect(healed.atClient).toBeGreaterThan(0);
  });

  test('drops between two machines, and passes what goes to others', async () => {
    await faults.drop('peer', [{ from: 'mn1', to: 'mn2' }]);
    expect((await lab.exec('mn1', [...ping, 'mn2'])).code).not.toBe(0);
    expect((await lab.exec('mn1', [...ping, 'client'])).code).toBe(0);
    await faults.pass('peer');
    expect((await lab.exec('mn1', [...ping, 'mn2'])).code).toBe(0);
  });

  test('drops the segments of a port, and nothing else of that machine', async () => {
    await lab.mustExec('mn1', ['systemctl', 'start', 'ssh']);
    const connect = async (): Promise<number> => {
      const script = `require('net').connect(22, '${mn1.ipv4}', () => process.exit(0)).on('error', () => process.exit(1)); setTimeout(() => process.exit(2), 500);`;
      return (await run(lab.clientCommand([process.execPath, '-e', script]))).code;
    };
    await faults.drop('ssh', [{ to: 'mn1', tcpPorts: [22] }]);
    expect(await connect()).toBe(2);
    expect((await run(lab.clientCommand([...ping, mn1.ipv4]))).code).toBe(0);
    await faults.pass('ssh');
    expect(await connect()).toBe(0);
  });

  test('forgets its filters when the lab comes up again', async () => {
    await faults.drop('mute', [{ from: 'mn1' }]);
    await lab.up(['mn1', 'mn2']);
    expect((await lab.exec('mn1', [...ping, 'client'])).code).toBe(0);
  });
});

describe.each(['/', '/var/lib/hamn'])('the volume %s', (path) => {
  const write = (timeoutMs = 5000): Promise<{ code: number; stderr: string; timedOut: boolean }> =>
    lab.exec('mn2', ['dd', 'if=/dev/zero', `of=${path}/written`, 'bs=64k', 'count=1'], { timeoutMs });

  test('is full, while the others are not', async () => {
    await faults.fill('mn2', path);
    expect(await write()).toMatchObject({ code: 1, stderr: expect.stringContaining('No space left') });
    await lab.mustExec('mn2', ['sh', '-c', 'echo there >/tmp/there']);
    await faults.empty('mn2', path);
    expect((await write()).code).toBe(0);
  });

  test('hangs: a write does not come back before it is let go, and is whole then', async () => {
    await faults.hang('mn2', path);
    expect(await write(500)).toMatchObject({ timedOut: true });
    await faults.unhang('mn2', path);
    expect((await write()).code).toBe(0);
  });

  test('that hangs does not keep the machine from being powered off, and is there again afterwards', async () => {
    await lab.mustExec('mn2', ['sh', '-c', `echo kept >${path}/kept`]);
    await faults.hang('mn2', path);
    await write(300);
    await lab.powerOff('mn2');
    await lab.powerOn('mn2');
    expect((await lab.mustExec('mn2', ['cat', `${path}/kept`])).trim()).toBe('kept');
    expect((await write()).code).toBe(0);
  });
});

test('a stopped process goes on when it is let go, and another one in its place is left alone', async () => {
  const state = async (): Promise<string> =>
    (await lab.mustExec('mn1', ['ps', '-o', 'stat=', '-C', 'cron'])).trim().slice(0, 1);
  const stopped = await faults.stop('mn1', { named: 'cron' });
  expect(await state()).toBe('T');
  faults.letGo({ ...stopped, startTime: 'of another process' });
  expect(await state()).toBe('T');
  faults.letGo(stopped);
  expect(await state()).not.toBe('T');
});

test('a unit is frozen as a whole', async () => {
  await faults.freezeUnit('mn1', 'cron.service', true);
  const events = '/sys/fs/cgroup/system.slice/cron.service/cgroup.events';
  expect(await lab.mustExec('mn1', ['cat', events])).toContain('frozen 1');
  await faults.freezeUnit('mn1', 'cron.service', false);
  expect(await lab.mustExec('mn1', ['cat', events])).toContain('frozen 0');
  await expect(faults.freezeUnit('mn1', 'xcatd.service', true)).rejects.toThrow('it does not run');
});
