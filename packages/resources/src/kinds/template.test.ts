import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { TemplateResource } from '@hamn/core';
import { always, type ResourceCall } from '@hamn/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callOf, done, failed, looked, Scene, settingsOf } from '../testing/scene.ts';

let scene: Scene;
let etc = '';
beforeEach(() => {
  scene = new Scene();
  etc = scene.path('etc');
  mkdirSync(etc);
  writeFileSync(
    join(etc, 'range.template'),
    '# {{group}} on {{node}}\n{{#primary}}range {{range}};\n{{/primary}}{{^primary}}deny unknown-clients;\n{{/primary}}',
  );
});
afterEach(() => scene.remove());

const call = (role: ResourceCall['role'], more: Partial<TemplateResource> = {}): ResourceCall => ({
  ...callOf(
    settingsOf('dhcp-range', {
      kind: 'template',
      template: join(etc, 'range.template'),
      file: join(etc, 'range.conf'),
      values: { range: '10.1.0.1 10.1.0.9' },
      valuesOf: {},
      changed: undefined,
      ...more,
    }),
  ),
  role,
});
const text = (): string => readFileSync(join(etc, 'range.conf'), 'utf8');
const primarys = (): string => `# ${scene.group} on mn1\nrange 10.1.0.1 10.1.0.9;\n`;
const others = (): string => `# ${scene.group} on mn1\ndeny unknown-clients;\n`;

describe('a template', () => {
  it('makes the file of the role, and is seen by it', async () => {
    expect(await scene.port.look(call('standby'))).toMatchObject(looked('stopped'));
    expect(await scene.port.start(call('standby'), always)).toEqual(done);
    expect(text()).toBe(others());
    expect(await scene.port.look(call('standby'))).toMatchObject(looked('running'));
    expect(await scene.port.promote(call('primary'), always)).toEqual(done);
    expect(text()).toBe(primarys());
    expect(await scene.port.look(call('primary'))).toMatchObject(looked('promoted'));
    expect(await scene.port.look(call('standby'))).toMatchObject(looked('promoted'));
    expect(await scene.port.demote(call('standby'))).toEqual(done);
    expect(text()).toBe(others());
  });

  it('on the primary is made by the promotion alone: it never has the other text in between', async () => {
    expect(await scene.port.start(call('primary'), always)).toEqual(done);
    expect(existsSync(join(etc, 'range.conf'))).toBe(false);
  });

  it('is not made the primary’s when the term is over', async () => {
    await scene.port.start(call('standby'), always);
    expect(await scene.port.promote(call('primary'), () => false)).toMatchObject(
      failed('over', 'range.conf'),
    );
    expect(text()).toBe(others());
  });

  it('is not made the primary’s when the term ends while it is being made', async () => {
    await scene.port.start(call('standby'), always);
    let isOver = false;
    const permit = (): boolean => {
      // The file beside is written already: the next thing is the act.
      isOver ||= readdirSync(etc).includes('.range.conf.hamn-new');
      return !isOver;
    };
    expect(await scene.port.promote(call('primary'), permit)).toMatchObject(failed('over', 'range.conf'));
    expect([text(), readdirSync(etc).sort()]).toEqual([others(), ['range.conf', 'range.template']]);
  });

  it('that says the same for both roles is as it should be in both', async () => {
    writeFileSync(join(etc, 'range.template'), 'same\n');
    await scene.port.start(call('standby'), always);
    expect(await scene.port.look(call('standby'))).toMatchObject(looked('running'));
    expect(await scene.port.look(call('primary'))).toMatchObject(looked('promoted'));
  });

  it('is made anew after somebody else changed the file or the template', async () => {
    await scene.port.start(call('standby'), always);
    writeFileSync(join(etc, 'range.conf'), 'by hand\n');
    expect(await scene.port.look(call('standby'))).toMatchObject({
      ok: true,
      value: { level: 'stopped', reason: expect.stringContaining('is not what') },
    });
    await scene.port.start(call('standby'), always);
    expect(text()).toBe(others());
    writeFileSync(join(etc, 'range.template'), '{{range}}\n');
    expect(await scene.port.look(call('standby'))).toMatchObject(looked('stopped'));
  });

  it('has a value of its own on a node', async () => {
    const valuesOf = { mn1: { range: 'here' }, mn2: { range: 'there' } };
    await scene.port.promote(call('primary', { valuesOf }), always);
    expect(text()).toContain('range here;');
  });

  it('keeps the mode of the file and the link to it, and is for everybody to read where it is new', async () => {
    const before = process.umask(0o077);
    try {
      await scene.port.start(call('standby'), always);
      expect(statSync(join(etc, 'range.conf')).mode & 0o777).toBe(0o644);
      chmodSync(join(etc, 'range.conf'), 0o640);
      symlinkSync('range.conf', join(etc, 'link.conf'));
      await scene.port.promote(call('primary', { file: join(etc, 'link.conf') }), always);
      expect(text()).toBe(primarys());
      expect(statSync(join(etc, 'range.conf')).mode & 0o777).toBe(0o640);
    } finally {
      process.umask(before);
    }
  });

  it.each([
    ['{{rnage}}\n', /names rnage, and there are range, node/],
    ['{{> other}}', /another file/],
    ['{{#primary}}', /cannot be read: Unclosed section/],
    ['{{#primary}}{{rnage}}{{/primary}}', /names rnage/],
  ])('%j is refused, and the file stays', async (template, why) => {
    await scene.port.start(call('standby'), always);
    writeFileSync(join(etc, 'range.template'), template);
    expect(await scene.port.start(call('standby'), always)).toMatchObject(failed('unusable', why));
    expect(await scene.port.look(call('standby'))).toMatchObject(failed('unusable', why));
    expect(text()).toBe(others());
  });

  it('that is not there, and a directory that is not there, are named', async () => {
    const none = { template: join(etc, 'none') };
    expect(await scene.port.start(call('standby', none), always)).toMatchObject(
      failed('unusable', /no template .*none/),
    );
    const nowhere = { file: join(etc, 'no', 'where') };
    expect(await scene.port.start(call('standby', nowhere), always)).toMatchObject(
      failed('unusable', /no directory .*no for/),
    );
  });
});

describe('whoever reads the file', () => {
  const program = (script: string): Partial<TemplateResource> => {
    const path = scene.path('tell');
    writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return { changed: [path, 'now'] };
  };
  const runs = (): number => scene.systemd.ran.length;

  it('is told of each change, once', async () => {
    const telling = program('[ "$1" = now ]');
    await scene.port.start(call('standby', telling), always);
    await scene.port.start(call('standby', telling), always);
    expect(runs()).toBe(1);
    expect(await scene.port.promote(call('primary', telling), always)).toEqual(done);
    expect(runs()).toBe(2);
    expect(await scene.port.look(call('primary', telling))).toMatchObject(looked('promoted'));
  });

  it('is told again until that works, and the look says that it did not', async () => {
    const bad = program('echo no dhcpd; exit 3');
    expect(await scene.port.start(call('standby', bad), always)).toMatchObject(
      failed('failed', /exit code 3.*no dhcpd/s),
    );
    expect(text()).toBe(others());
    expect(await scene.port.look(call('standby', bad))).toMatchObject({
      ok: true,
      value: { level: 'stopped', reason: expect.stringContaining('has not told') },
    });
    const good = program('exit 0');
    expect(await scene.port.start(call('standby', good), always)).toEqual(done);
    expect(await scene.port.look(call('standby', good))).toMatchObject(looked('running'));
  });

  it('is told of the old text again after another one may have been read', async () => {
    const good = program('exit 0');
    await scene.port.start(call('standby', good), always);
    program('exit 1');
    await scene.port.promote(call('primary', good), always);
    const before = runs();
    program('exit 0');
    expect(await scene.port.demote(call('standby', good))).toEqual(done);
    expect(runs()).toBe(before + 1);
  });

  it('is told after a promotion that did not get so far, and the primary’s file elsewhere is still the primary’s', async () => {
    const bad = program('exit 1');
    expect(await scene.port.promote(call('primary', bad), always)).toMatchObject(
      failed('failed', 'exit code 1'),
    );
    expect(await scene.port.look(call('primary', bad))).toMatchObject(looked('running'));
    expect(await scene.port.look(call('standby', bad))).toMatchObject(looked('promoted'));
  });
});
