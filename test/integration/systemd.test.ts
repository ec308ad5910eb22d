import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../lab/index.ts';
import { installNode, installProgram } from './node-program.ts';

/** Units on a real systemd: systemd-scenarios.ts acts inside the node, here is what must come out. */
const lab = new Lab({ name: 'hamnlab-units' });
let seen: Readonly<Record<string, unknown>> = {};

const dhcpd = `subnet 10.99.0.0 netmask 255.255.255.0 { range 10.99.0.200 10.99.0.210; }\n`;

beforeAll(async () => {
  await lab.up(['mn1'], { fresh: true });
  await installNode(lab, 'mn1');
  await lab.writeFile('mn1', '/etc/dhcp/dhcpd.conf', dhcpd);
  await lab.writeFile('mn1', '/etc/default/isc-dhcp-server', 'INTERFACESv4="eth0"\n');
  await lab.writeFile('mn1', '/etc/postgresql/15/main/start.conf', '# kept\nauto\n');
  await lab.mustExec('mn1', ['systemctl', 'daemon-reload']);
  const program = await installProgram(lab, 'mn1', 'systemd-scenarios.ts');
  const output = await lab.mustExec('mn1', [...program, '--dbus', '--reexec', '--pg', '--dhcpd'], {
    timeoutMs: 120_000,
  });
  seen = JSON.parse(output);
});
afterAll(() => lab.down({ wipe: true }));

const done = { result: 'ok' };

describe('a unit that hamn owns', () => {
  it('starts at boot no more, and systemd restarts it no more', () => {
    expect(seen['before own']).toMatchObject({ loaded: true, enabled: true });
    expect(seen['own']).toMatchObject(done);
    expect(seen['after own']).toMatchObject({ loaded: true, enabled: false });
    expect(seen['restart']).toBe('no');
  });
  it('costs no reload the second time', () => {
    expect(seen['own again']).toMatchObject({
      result: 'ok',
      ms: expect.toSatisfy((ms: number) => ms < 1000),
    });
  });
  it('is taken out of the boot where it is an init script, or a cluster of Debian', () => {
    expect(seen['dhcpd own']).toMatchObject({ own: done, after: { enabled: false } });
    expect(seen['pg own']).toMatchObject({ own: done, before: { enabled: true }, after: { enabled: false } });
    expect(seen['pg start.conf']).toBe('# kept\nmanual');
  });
});

describe('observation', () => {
  it('takes a few milliseconds', () => {
    expect(seen['observe']).toMatchObject({ medianMs: expect.toSatisfy((ms: number) => ms < 100) });
  });
  it('tells of a crash at once', () => {
    expect(seen['crash']).toMatchObject({
      noticedMs: expect.toSatisfy((ms: number) => ms < 100),
      after: { active: 'failed', result: 'signal' },
      again: done,
    });
  });
  it('tells of the death of a daemon of an init script', () => {
    expect(seen['dhcpd crash']).toMatchObject({
      before: { active: 'active' },
      after: { active: expect.not.stringMatching(/^active$/) },
    });
  });
  it('survives the death of the message bus and a re-execution of systemd', () => {
    expect(seen['dbus killed']).toMatchObject(done);
    expect(seen['reexec']).toMatchObject(done);
    expect(seen['reexec start']).toMatchObject(done);
  });
});

describe('a stop', () => {
  it('ends what the daemon left behind', () => {
    expect(seen['orphan stop']).toMatchObject(done);
    expect(seen['orphans left']).toBe('');
  });
  it('kills at the limit what does not end', () => {
    expect(seen['stubborn stop']).toMatchObject({
      result: 'ok',
      ms: expect.toSatisfy((ms: number) => ms <= 1500),
    });
    expect(seen['stubborn after']).toMatchObject({ active: 'failed' });
  });
  it('of what is stopped, or does not exist, is done', () => {
    expect(seen['stop stopped']).toMatchObject(done);
    expect(seen['missing stop']).toMatchObject(done);
  });
});

describe('a start', () => {
  it('says what failed and where to look', () => {
    expect(seen['missing start']).toMatchObject({
      result: expect.stringContaining('no-such-unit: systemd knows no usable unit'),
    });
    expect(seen['broken start']).toMatchObject({
      result: expect.stringContaining('See journalctl -u hamn-try-broken.service'),
    });
  });
  it('ends at its limit', () => {
    expect(seen['slow start']).toMatchObject({
      result: expect.stringContaining('timeout: '),
      ms: expect.toSatisfy((ms: number) => ms <= 600),
    });
  });
  it('whose daemon is killed while systemd waits for its PID ends at once, and the next one starts anew', () => {
    expect(seen['killed while activating']).toMatchObject({
      killed: {
        result: expect.stringContaining('failed: '),
        ms: expect.toSatisfy((ms: number) => ms < 5000),
      },
      afterKill: { active: 'inactive' },
      before: { active: 'activating' },
      next: { result: 'ok' },
      after: { active: 'active' },
      stop: done,
    });
  });
  it('of a daemon that is slow leaves it starting', () => {
    expect(seen['killed while activating']).toMatchObject({
      slow: { result: expect.stringContaining('timeout: ') },
      slowAfter: { active: 'activating' },
    });
  });
  it('of PostgreSQL passes the gate or fails', () => {
    expect(seen['gate closed']).toMatchObject({ result: expect.stringContaining('failed: ') });
    expect(seen['gate open']).toMatchObject(done);
  });
  it('right after the death of the server starts a new one', () => {
    expect(seen['pg']).toMatchObject({ start: done, again: done, isNew: true, stop: done });
  });
});

it('a daemon learns whether it is restarted or stopped', () => {
  expect(seen['job of a restart']).toBe('restart');
  expect(seen['job of a stop']).toBe('stop');
});
