import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { MonitorSettings, UnitResource } from '@hamn/core';
import { always } from '@hamn/engine';
import { until } from '@hamn/linux/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callOf, done, failed, looked, Scene, settingsOf } from '../testing/scene.ts';

let scene: Scene;
let unit = '';
beforeEach(() => {
  scene = new Scene();
  unit = `hamn-try-${scene.group}.service`;
});
afterEach(() => scene.remove());

/** A daemon whose child listens, as xcatd's do. */
function addDaemon(port: number): void {
  const program = scene.path('daemon.mjs');
  writeFileSync(
    program,
    `import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
if (process.argv[2] === 'child') createServer().listen(${port}, '127.0.0.1');
else spawn(process.execPath, [process.argv[1], 'child'], { stdio: 'ignore' });
setInterval(() => undefined, 1000);
`,
  );
  scene.systemd.files.set(unit, [process.execPath, program]);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const deep: MonitorSettings = { intervalMs: 10_000, depth: 'deep', confirm: 2, confirmAfterMs: 1000 };
const resource = (more: Partial<UnitResource> = {}) =>
  settingsOf('daemon', { kind: 'unit', unit, ports: [], probe: undefined, ...more }, { monitor: deep });

describe('a unit', () => {
  it('is looked at, started and stopped', async () => {
    scene.systemd.files.set(unit, ['/bin/sleep', '600']);
    const call = callOf(resource());
    expect(await scene.port.look(call)).toMatchObject(looked('stopped'));
    expect(await scene.port.start(call, () => false)).toMatchObject(failed('over', 'term ended'));
    expect(await scene.port.start(call, always)).toEqual(done);
    expect(await scene.port.look(call)).toMatchObject(looked('running'));
    expect(await scene.port.stop(call)).toEqual(done);
    expect(await scene.port.look(call)).toMatchObject(looked('stopped'));
  });

  it('that systemd does not know cannot be started, and is stopped', async () => {
    const call = callOf(resource());
    expect(await scene.port.look(call)).toMatchObject({
      ok: true,
      value: { level: 'stopped', absent: true, reason: expect.stringContaining(`no usable unit ${unit}`) },
    });
    expect(await scene.port.start(call, always)).toMatchObject(failed('unusable', unit));
    expect(await scene.port.stop(call)).toEqual(done);
  });

  it('is well when its own processes listen', async () => {
    const port = await freePort();
    addDaemon(port);
    const call = callOf(resource({ ports: [`tcp/${port}`] }));
    expect(await scene.port.start(call, always)).toEqual(done);
    await until('it listens', async () => {
      const look = await scene.port.look(call);
      return look.ok && look.value.level === 'running';
    });
    expect(await scene.port.stop(call)).toEqual(done);
  });

  it('that does not listen has failed', async () => {
    const port = await freePort();
    scene.systemd.files.set(unit, ['/bin/sleep', '600']);
    const call = callOf(resource({ ports: [`tcp/${port}`] }));
    expect(await scene.port.start(call, always)).toEqual(done);
    expect(await scene.port.look(call)).toMatchObject({
      ok: true,
      value: { level: 'failed', sure: false, reason: `${unit} does not listen on tcp/${port}.` },
    });
  });

  it('is not started beside somebody who holds its port, who is named', async () => {
    scene.systemd.files.set(unit, ['/bin/sleep', '600']);
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      const call = callOf(resource({ ports: [`tcp/${port}`] }));
      const held = new RegExp(`was not started: tcp/${port} is held by .+ \\(${process.pid}\\)`);
      expect(await scene.port.start(call, always)).toMatchObject(failed('failed', held));
      const stopped = await scene.port.stop({ ...call, limitMs: 5000 });
      expect(stopped).toMatchObject(failed('failed', `(${process.pid})`));
      expect(await scene.port.kill({ ...call, limitMs: 5000 })).toMatchObject(failed('failed', 'kills only'));
      const without = callOf(resource());
      expect(await scene.port.start(without, always)).toEqual(done);
      expect(await scene.port.look(call)).toMatchObject({
        ok: true,
        value: { level: 'failed', reason: expect.stringContaining(`That does not belong to ${unit}.`) },
      });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('whose main process was killed is seen, and its children end with the kill', async () => {
    const port = await freePort();
    addDaemon(port);
    const call = callOf(resource({ ports: [`tcp/${port}`] }));
    expect(await scene.port.start(call, always)).toEqual(done);
    await until('it listens', async () => {
      const look = await scene.port.look(call);
      return look.ok && look.value.level === 'running';
    });
    scene.systemd.mainOf(unit)?.kill('SIGKILL');
    await until('it is seen', async () => {
      const look = await scene.port.look(call);
      return look.ok && look.value.level === 'failed' && (look.value.reason ?? '').includes('still run');
    });
    expect(await scene.port.kill(call)).toEqual(done);
    expect(await scene.port.look(call)).toMatchObject(looked('stopped'));
  });
});

describe('a unit that was hamn’s a moment ago', () => {
  beforeEach(() => {
    scene.systemd.files.set(unit, ['/bin/sleep', '600']);
    scene.systemd.owned.add(unit);
  });

  it('is asked about once, after its start', async () => {
    expect(await scene.port.start(callOf(resource()), always)).toEqual(done);
    expect(scene.systemd.asked).toEqual([unit]);
  });

  it('does not run when systemd would restart it after all', async () => {
    scene.systemd.taken.set(unit, 'failed');
    expect(await scene.port.start(callOf(resource()), always)).toMatchObject(
      failed('failed', 'Restart=always'),
    );
    expect(await scene.port.look(callOf(resource()))).toMatchObject(looked('stopped'));
  });
});

it('that was hamn’s a moment ago runs on when systemd does not answer after its start', async () => {
  scene.systemd.files.set(unit, ['/bin/sleep', '600']);
  scene.systemd.owned.add(unit);
  scene.systemd.taken.set(unit, 'timeout');
  expect(await scene.port.start(callOf(resource()), always)).toEqual(done);
  expect(await scene.port.look(callOf(resource()))).toMatchObject(looked('running'));
});

describe('a unit that somebody restarts', () => {
  beforeEach(async () => {
    scene.systemd.files.set(unit, ['/bin/sleep', '600']);
    await scene.systemd.start(unit, 1000, always);
  });

  it('is waited for, and well when it is back', async () => {
    scene.systemd.comingUp.set(unit, 3);
    expect(await scene.port.look(callOf(resource()))).toMatchObject(looked('running'));
    expect(scene.systemd.comingUp.get(unit)).toBeLessThanOrEqual(0);
  });

  it('is told within the limit when it does not come back, and not for certain', async () => {
    scene.systemd.comingUp.set(unit, Number.POSITIVE_INFINITY);
    expect(await scene.port.look(callOf(resource(), 400))).toMatchObject({
      ok: true,
      value: { level: 'failed', sure: false, reason: expect.stringContaining(`${unit} is activating`) },
    });
  });
});

describe('a unit of several names', () => {
  const other = (): string => unit.replace('.service', '-b.service');
  const both = () => callOf(resource({ alternatives: [other()] }));

  it('is started by the one that is there', async () => {
    scene.systemd.files.set(other(), ['/bin/sleep', '600']);
    expect(await scene.port.start(both(), always)).toEqual(done);
    expect(scene.systemd.mainOf(other())?.pid).toBeGreaterThan(1);
    expect(await scene.port.look(both())).toMatchObject(looked('running'));
    expect(await scene.port.stop(both())).toEqual(done);
    expect(await scene.port.look(both())).toMatchObject(looked('stopped'));
  });

  it('is stopped under each of them, whatever was installed since', async () => {
    for (const name of [unit, other()]) {
      scene.systemd.files.set(name, ['/bin/sleep', '600']);
      await scene.systemd.start(name, 1000, always);
    }
    expect(await scene.port.stop(both())).toEqual(done);
    for (const name of [unit, other()])
      expect(await scene.systemd.observe([name])).toMatchObject({ value: [{ active: 'inactive' }] });
  });

  it('is absent where there is none, and names what was looked for', async () => {
    expect(await scene.port.look(both())).toMatchObject({
      ok: true,
      value: { level: 'stopped', absent: true, reason: expect.stringContaining(`${unit}, ${other()}`) },
    });
    expect(await scene.port.start(both(), always)).toMatchObject(failed('unusable', other()));
  });
});

describe('a probe', () => {
  const probe = (script: string) => {
    const path = scene.path('probe');
    writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    scene.systemd.files.set(unit, ['/bin/sleep', '600']);
    return resource({ probe: [path] });
  };

  it('tells by its exit code', async () => {
    const good = callOf(probe('exit 0'));
    expect(await scene.port.start(good, always)).toEqual(done);
    expect(await scene.port.look(good)).toMatchObject(looked('running'));
    expect(await scene.port.look(callOf(probe('echo no answer; exit 1')))).toMatchObject({
      ok: true,
      value: {
        level: 'failed',
        reason: expect.stringMatching(/ended with exit code 1\. It said: no answer$/),
      },
    });
    expect(scene.port.output('daemon')).toMatchObject({ act: 'monitor', exitCode: 1, text: 'no answer\n' });
  });

  it('that hangs is a look that cannot tell, within the limit', async () => {
    const call = callOf(probe('sleep 600'), 3000);
    expect(await scene.port.start(call, always)).toEqual(done);
    const begun = performance.now();
    expect(await scene.port.look(call)).toMatchObject(failed('timeout', 'did not end within'));
    expect(performance.now() - begun).toBeLessThan(3500);
  });
});
