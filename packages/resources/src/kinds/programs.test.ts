import { writeFileSync } from 'node:fs';
import { always } from '@hamn/engine';
import { until } from '@hamn/linux/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callOf, done, failed, Scene, settingsOf } from '../testing/scene.ts';

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.remove());

const job = (script: string) => settingsOf('job', { kind: 'job', command: ['/bin/sh', '-c', script] });

describe('a job', () => {
  it('has started when it has ended well, and its output can be read', async () => {
    expect(await scene.port.start(callOf(job('echo "role $HAMN_ROLE, $HOME"')), always)).toEqual(done);
    expect(scene.port.output('job')).toMatchObject({
      act: 'start',
      exitCode: 0,
      text: 'role primary, /root\n',
      cut: false,
    });
    expect(scene.systemd.ran.map(({ name }) => name)).toEqual([scene.unitOf('job')]);
    expect(scene.systemd.ran[0]?.unit).toMatchObject({ remains: false });
  });

  it('runs the command of the unit that is there, and none where none is', async () => {
    const byUnit = ['a', 'b'].map((word) => ({
      unit: `hamn-${word}-${scene.group}.service`,
      command: ['/bin/echo', word],
    }));
    const call = callOf(settingsOf('job', { kind: 'job', command: [], unitOf: 'console', byUnit }));
    expect(await scene.port.start(call, always)).toEqual(done);
    expect(scene.systemd.ran).toEqual([]);
    scene.systemd.files.set(byUnit[1]?.unit ?? '', ['/bin/sleep', '600']);
    expect(await scene.port.start(call, always)).toEqual(done);
    expect(scene.port.output('job')).toMatchObject({ text: 'b\n' });
  });

  it('that fails says how, with its last lines', async () => {
    const result = await scene.port.start(
      callOf(job('echo one; echo no answer from named >&2; exit 3')),
      always,
    );
    expect(result).toMatchObject(failed('failed', /exit code 3\. It said: one \| no answer from named$/));
    expect(scene.port.output('job')).toMatchObject({ exitCode: 3 });
  });

  it('is killed at its limit, with all that it started', async () => {
    const pidFile = scene.path('pid');
    const hang = job(`sleep 600 & echo $! >${pidFile}; echo waiting; wait`);
    const begun = performance.now();
    const result = await scene.port.start(callOf(hang, 2000), always);
    expect(result).toMatchObject(failed('timeout', /was killed\. It said: waiting$/));
    expect(performance.now() - begun).toBeLessThan(2500);
  });

  it('is not run when the term is over', async () => {
    expect(await scene.port.start(callOf(job('true')), () => false)).toMatchObject(
      failed('over', 'term ended'),
    );
    expect(scene.systemd.ran).toEqual([]);
  });

  it('is ended by a stop while it runs, and its output is there meanwhile', async () => {
    const started = scene.port.start(callOf(job('echo begun; sleep 600'), 60_000), always);
    await until('it writes', () => scene.port.output('job')?.text === 'begun\n', 10_000);
    expect(await scene.port.look(callOf(job('true')))).toMatchObject(failed('timeout', 'still under way'));
    expect(await scene.port.stop(callOf(job('true')))).toEqual(done);
    expect(await started).toMatchObject(failed('failed', 'ended'));
  });

  it('keeps the end of what it writes', async () => {
    await scene.port.start(callOf(job('head -c 100000 /dev/zero | tr "\\0" x; echo end')), always);
    const output = scene.port.output('job');
    expect(output).toMatchObject({ cut: true });
    expect(output?.text).toHaveLength(65_536);
    expect(output?.text.endsWith('xend\n')).toBe(true);
  });

  it('cannot be run without its program', async () => {
    const missing = settingsOf('job', { kind: 'job', command: ['/nonexistent/makedns', '-n'] });
    expect(await scene.port.start(callOf(missing), always)).toMatchObject(
      failed('unusable', '/nonexistent/makedns is not there or not executable'),
    );
  });
});

describe('a program of the admin', () => {
  it('starts, is looked at and stops, and what it left is in its control group', async () => {
    const state = scene.path('state');
    const script = scene.path('service');
    writeFileSync(
      script,
      `#!/bin/sh
case $1 in
start) sleep 600 & echo $! >${state} ;;
stop) kill $(cat ${state}); rm ${state} ;;
monitor) [ -e ${state} ] || exit 3; [ -e /proc/$(cat ${state})/exe ] || exit 9 ;;
esac
`,
      { mode: 0o755 },
    );
    const service = settingsOf('own', {
      kind: 'exec',
      start: [script, 'start'],
      stop: [script, 'stop'],
      monitor: [script, 'monitor'],
    });
    const look = () => scene.port.look(callOf(service));
    expect(await look()).toMatchObject({ ok: true, value: { level: 'stopped' } });
    // What does not run is stopped without its stop, which would fail.
    expect(await scene.port.stop(callOf(service))).toEqual(done);
    expect(await scene.port.start(callOf(service), always)).toEqual(done);
    expect(await look()).toMatchObject({ ok: true, value: { level: 'running' } });
    const starts = scene.systemd.ran.filter(({ name }) => name === scene.unitOf('own')).length;
    expect(await scene.port.start(callOf(service), always)).toEqual(done);
    expect(scene.systemd.ran.filter(({ name }) => name === scene.unitOf('own'))).toHaveLength(starts);
    expect(await scene.port.stop(callOf(service))).toEqual(done);
    expect(await look()).toMatchObject({ ok: true, value: { level: 'stopped' } });

    expect(await scene.port.start(callOf(service), always)).toEqual(done);
    expect(await scene.port.kill(callOf(service))).toEqual(done);
    expect(await look()).toMatchObject({
      ok: true,
      value: { level: 'failed', reason: expect.stringContaining('exit code 9') },
    });
  });

  it('that is not on this node has nothing to stop', async () => {
    const none = ['/nonexistent/program'];
    const service = settingsOf('own', { kind: 'exec', start: none, stop: none, monitor: none });
    expect(await scene.port.look(callOf(service))).toMatchObject(failed('unusable', '/nonexistent/program'));
    expect(await scene.port.stop(callOf(service))).toEqual(done);
  });
});

describe('kinds with ports of their own', () => {
  it('are refused', async () => {
    const vip = settingsOf('vip', { kind: 'vip', address: '192.0.2.1', prefixLength: 24, interface: 'eth0' });
    expect(await scene.port.start(callOf(vip), always)).toMatchObject(failed('failed', 'a port of its own'));
    const sync = settingsOf('sync', {
      kind: 'sync',
      paths: ['/etc'],
      exclude: [],
      port: 7444,
      compareEveryMs: 900_000,
      bytesPerSecond: undefined,
    });
    expect(await scene.port.look(callOf(sync))).toMatchObject(failed('unusable', 'does not copy files'));
  });
});
