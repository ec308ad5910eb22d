import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OcfResource, processUnits } from '@hamn/core';
import { always } from '@hamn/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callOf, done, failed, looked, Scene, settingsOf } from '../testing/scene.ts';

/** Debian's own agents, run as hamnd runs them. */
let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.remove());

const agent = (type: string, parameters: Record<string, string>, more: Partial<OcfResource> = {}) =>
  settingsOf('thing', {
    kind: 'ocf',
    provider: 'heartbeat',
    agent: type,
    parameters,
    promotable: false,
    carries: false,
    exclusive: false,
    ...more,
  });

describe('Dummy', () => {
  it('lives its whole life in units', async () => {
    const state = scene.path('dummy.state');
    const call = callOf(agent('Dummy', { state }), 30_000);
    expect(await scene.port.look(call)).toMatchObject(looked('stopped'));
    expect(await scene.port.stop(call)).toEqual(done);
    expect(await scene.port.start(call, always)).toEqual(done);
    expect(existsSync(state)).toBe(true);
    expect(await scene.port.look(call)).toMatchObject(looked('running'));
    rmSync(state);
    expect(await scene.port.look(call)).toMatchObject({
      ok: true,
      value: { level: 'stopped', reason: 'It is not running. It said: No process state file found' },
    });
    expect(await scene.port.stop(call)).toEqual(done);
    const [own, acting] = [scene.unitOf('thing'), scene.unitOf('thing', '-act')];
    const ending = scene.unitOf('thing', '-end');
    const actions = scene.systemd.ran.map(({ name, unit }) => [name, unit.command.at(-1)]);
    expect(actions).toEqual([
      [acting, 'monitor'],
      [ending, 'stop'],
      [acting, 'validate-all'],
      [own, 'start'],
      [acting, 'monitor'],
      [acting, 'monitor'],
      [ending, 'stop'],
    ]);
    // What the guard ends is what must not go on; what takes it away may.
    expect(processUnits(scene.group, call.resource)).toEqual([own, acting]);
    // What may be a password is in a file that is gone with the run.
    expect(scene.systemd.ran.every(({ unit }) => Object.keys(unit.environment).length === 0)).toBe(true);
    expect(existsSync(join(scene.directory, 'run', `${own}.env`))).toBe(false);
  });

  it('is refused with wrong parameters before it is started', async () => {
    const call = callOf(agent('Dummy', { stat: '/tmp/x' }), 30_000);
    expect(await scene.port.start(call, always)).toMatchObject(failed('unusable', "no parameter 'stat'"));
    expect(scene.systemd.ran).toEqual([]);
  });

  it('has no promotion', async () => {
    const call = callOf(agent('Dummy', { state: scene.path('d') }, { promotable: true }), 30_000);
    expect(await scene.port.promote(call, always)).toMatchObject(failed('unusable', "no action 'promote'"));
  });
});

describe('Stateful', () => {
  it('is promoted and demoted', async () => {
    const call = callOf(agent('Stateful', { state: scene.path('s') }, { promotable: true }), 30_000);
    expect(await scene.port.start(call, always)).toEqual(done);
    expect(await scene.port.look(call)).toMatchObject(looked('running'));
    expect(await scene.port.promote(call, always)).toEqual(done);
    expect(await scene.port.look(call)).toMatchObject(looked('promoted'));
    expect(await scene.port.demote(call)).toEqual(done);
    expect(await scene.port.look(call)).toMatchObject(looked('running'));
    expect(await scene.port.stop(call)).toEqual(done);
    expect(await scene.port.look(call)).toMatchObject(looked('stopped'));
  });
});

describe('an agent that is not on this node', () => {
  it('is told, and has nothing to stop', async () => {
    const call = callOf(agent('Nothing', {}));
    expect(await scene.port.start(call, always)).toMatchObject(
      failed('unusable', 'is not installed on this node'),
    );
    expect(await scene.port.stop(call)).toEqual(done);
  });
});

describe('any agent', () => {
  it('gets its parameters as they are, and is asked what it is once', async () => {
    const root = scene.path('ocf');
    mkdirSync(join(root, 'resource.d', 'test'), { recursive: true });
    const asked = scene.path('asked');
    writeFileSync(
      join(root, 'resource.d', 'test', 'echo'),
      `#!/bin/sh
if [ $1 = meta-data ]; then
  echo x >>${asked}
  cat <<E
<?xml version="1.0"?><resource-agent name="echo"><version>1.1</version><parameters>
<parameter name="text"><content type="string"/></parameter></parameters>
<actions><action name="start" timeout="20s"/><action name="stop" timeout="20s"/><action name="monitor" timeout="20s"/></actions></resource-agent>
E
  exit 0
fi
printf %s "$OCF_RESKEY_text" >${scene.path('text')}
`,
      { mode: 0o755 },
    );
    const other = new Scene({ ocfRoot: root, ocfTemporary: scene.path('tmp') });
    try {
      const text = 'a "quoted" $HOME `word` \\ and\nanother line';
      const call = callOf(agent('echo', { text }, { provider: 'test' }));
      expect(await other.port.start(call, always)).toEqual(done);
      expect(readFileSync(scene.path('text'), 'utf8')).toBe(text);
      expect(await other.port.look(call)).toMatchObject(looked('running'));
      expect(readFileSync(asked, 'utf8')).toBe('x\n');
    } finally {
      await other.remove();
    }
  });
});
