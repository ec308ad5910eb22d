import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../../lab/index.ts';
import { installNode, installProgram } from '../node-program.ts';

/** Kinds of resources on a real systemd: resource-scenarios.ts acts inside the node, here is what must come out. */
const lab = new Lab({ name: process.env['HAMN_LAB'] ?? 'hamnlab-kinds' });
let seen: Readonly<Record<string, unknown>> = {};

const agents = '/usr/lib/ocf';

beforeAll(async () => {
  await lab.up(['mn1'], { fresh: true });
  await installNode(lab, 'mn1');
  const libraries = `${agents}/lib/heartbeat`;
  const folders = ['/resource.d/heartbeat', '/lib/heartbeat'].map((folder) => `${agents}${folder}`);
  await lab.mustExec('mn1', ['mkdir', '-p', ...folders]);
  for (const file of readdirSync(libraries).filter((name) => name.startsWith('ocf-')))
    await lab.copyIn('mn1', `${libraries}/${file}`, `${libraries}/${file}`);
  const dummy = `${agents}/resource.d/heartbeat/Dummy`;
  await lab.copyIn('mn1', dummy, dummy);
  await lab.mustExec('mn1', ['chmod', '755', dummy]);
  const program = await installProgram(lab, 'mn1', 'resource-scenarios.ts');
  seen = JSON.parse(await lab.mustExec('mn1', program, { timeoutMs: 150_000 }));
});
afterAll(() => lab.down({ wipe: true }));

const done = { result: 'ok' };
const saying = (text: string): object => ({ result: expect.stringContaining(text) });

describe('a job', () => {
  it('gets its arguments as they are, and its output is kept', () => {
    expect(seen['jobs']).toMatchObject({
      good: done,
      goodOutput: {
        act: 'start',
        exitCode: 0,
        text: 'a $HOME\n100%\n"x" \\n\nprimary\ngone\n',
        cut: false,
      },
      again: done,
      secondOutput: { text: 'second\nprimary\ngone\n' },
    });
  });
  it('that fails is told with its words, as often as it is run, and its unit is gone', () => {
    expect(seen['jobs']).toMatchObject({
      bad: saying('exit code 3. It said: no named'),
      badTwice: saying('exit code 3. It said: no named'),
      left: '',
    });
  });
  it('is ended at its limit', () => {
    expect(seen['jobs']).toMatchObject({
      late: {
        result: expect.stringMatching(/^timeout: .* was killed\. It said: begun$/),
        ms: expect.toSatisfy((ms: number) => ms <= 3200),
      },
      lateLives: false,
    });
  });
  it('is not run without a term', () => {
    expect(seen['jobs']).toMatchObject({ over: saying('over: ') });
  });
  it('outlives the hamnd that began it, and is ended by the next one', () => {
    expect(seen['orphan']).toMatchObject({
      look: { level: 'running' },
      livesOn: true,
      next: done,
      lives: false,
    });
  });
  it('is ended by a stop, and can be read meanwhile', () => {
    expect(seen['stopOfJob']).toMatchObject({
      output: { text: 'begun\n' },
      stop: done,
      started: expect.stringMatching(/^failed: It was ended: another act/),
    });
  });
});

describe('programs of the admin', () => {
  it('leave what they start in the control group of its unit', () => {
    expect(seen['exec']).toMatchObject({
      before: { level: 'stopped' },
      start: done,
      look: { result: { level: 'running' } },
      group: expect.stringContaining('/hamn-res-try-own.service'),
      stop: done,
      restart: 'ok',
      kill: done,
      after: { level: 'failed' },
    });
  });
});

describe('an OCF agent', () => {
  it('lives its life, and its parameters are nobody else’s to read', () => {
    expect(seen['ocf']).toMatchObject({
      before: { level: 'stopped' },
      start: done,
      look: { result: { level: 'running' } },
      stop: done,
      after: { level: 'stopped' },
    });
    expect(JSON.stringify(seen['ocf'])).toContain('ActiveState=active');
    expect(JSON.stringify(seen['ocf'])).not.toContain('secret');
  });
});

describe('a unit', () => {
  it('whose main process dies is started again without what was left of it', () => {
    expect(seen['unit']).toMatchObject({
      start: done,
      look: { result: { level: 'running' } },
      crashed: {
        level: 'failed',
        sure: true,
        reason: expect.stringContaining('of its control group still run'),
      },
      again: done,
      stop: done,
      stopped: { level: 'stopped' },
    });
  });
  it('is not started beside a process that holds its port', () => {
    expect(seen['unit']).toMatchObject({
      refused: expect.stringMatching(/was not started: tcp\/3901 is held by .+ \(\d+\)\./),
    });
  });
});

describe('a mount', () => {
  it('is made and taken away by units, and its holder is named and killed', () => {
    expect(seen['mount']).toMatchObject({
      start: done,
      look: { result: { level: 'running' } },
      busy: saying('It is held by sleep ('),
      kill: done,
      after: { level: 'stopped' },
    });
  });
});
