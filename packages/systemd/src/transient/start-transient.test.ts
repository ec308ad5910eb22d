import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { always, type TransientUnit } from '@hamn/engine';
import type { Message } from 'dbus-native';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type FakeSystemd, fakeSystemd } from '../testing/fake-systemd.ts';
import { realClock } from '../testing/real-clock.ts';
import { createUnits, type Units } from '../units.ts';
import { transientProperties } from './properties.ts';

const name = 'hamn-res-mn-job.service';
const job = '/org/freedesktop/systemd1/job/7';
const unit: TransientUnit = {
  description: 'hamn: start of job',
  command: ['/bin/echo', 'a $HOME', '100%'],
  environment: { HAMN_ROLE: 'primary' },
  outputFile: '/run/hamn/resources/job.log',
  limitMs: 1500,
  remains: false,
};

let directory = '';
const cleanUp: (() => void)[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hamn-transient-'));
});
afterEach(() => {
  for (const run of cleanUp.splice(0).reverse()) run();
  rmSync(directory, { recursive: true, force: true });
});

/** systemd's side of one run: what is listed before it, and how it ends. */
class Script {
  load = 'not-found';
  active = 'inactive';
  jobId = 0;
  result = 'success';
  code = 1;
  status = 0;
  onStart: () => Answer = () => ({ signature: 'o', body: [job] });

  readonly answer = ({ member, body }: Message): Answer => {
    switch (member) {
      case 'ListUnitsByNames':
        return {
          signature: 'a(ssssssouso)',
          body: [[[name, '', this.load, this.active, 'dead', '', '/', this.jobId, '', '/']]],
        };
      case 'ResetFailedUnit':
        this.load = 'not-found';
        this.active = 'inactive';
        return { signature: '', body: [] };
      case 'StartTransientUnit':
        return this.onStart();
      case 'Get': {
        const property = body?.[1];
        if (property === 'ExecMainCode') return { signature: 'v', body: [['i', this.code]] };
        if (property === 'ExecMainStatus') return { signature: 'v', body: [['i', this.status]] };
        return { signature: 'v', body: [['s', property === 'Result' ? this.result : '']] };
      }
      default:
        return { error: 'org.freedesktop.DBus.Error.UnknownMethod' };
    }
  };
}

async function systemdWith(script: Script): Promise<{ systemd: FakeSystemd; units: Units }> {
  const systemd = await fakeSystemd(join(directory, 'private'), script.answer);
  const units = createUnits({ busAddress: systemd.address }, { clock: realClock });
  cleanUp.push(
    () => systemd.close(),
    () => units.close(),
  );
  return { systemd, units };
}

const ended = (systemd: FakeSystemd, result: string): void =>
  systemd.signal('/org/freedesktop/systemd1', 'org.freedesktop.systemd1.Manager', 'JobRemoved', 'uoss', [
    7,
    job,
    name,
    result,
  ]);

describe('a transient unit', () => {
  it('is described in words that systemd 239 knows', () => {
    expect(Object.fromEntries(transientProperties({ ...unit, environmentFile: '/run/x.env' }))).toEqual({
      Description: ['s', 'hamn: start of job'],
      Type: ['s', 'oneshot'],
      ExecStart: ['a(sasb)', [['/bin/echo', ['/bin/echo', 'a $$HOME', '100%'], false]]],
      RemainAfterExit: ['b', false],
      KillMode: ['s', 'control-group'],
      TimeoutStartUSec: ['t', 1_500_000],
      TimeoutStopUSec: ['t', 500_000],
      StandardOutputFile: ['s', '/run/hamn/resources/job.log'],
      StandardError: ['s', 'inherit'],
      LogLevelMax: ['i', 5],
      Environment: ['as', ['HAMN_ROLE=primary']],
      EnvironmentFiles: ['a(sb)', [['/run/x.env', false]]],
    });
  });

  it('that ended well is told so, though systemd has forgotten it', async () => {
    const script = new Script();
    const { systemd, units } = await systemdWith(script);
    script.onStart = () => {
      setTimeout(() => ended(systemd, 'done'), 20);
      script.jobId = 7;
      setTimeout(() => {
        script.jobId = 0;
      }, 10);
      return { signature: 'o', body: [job] };
    };
    expect(await units.startTransient(name, unit, 2000, always)).toEqual({
      ok: true,
      value: { kind: 'exited', code: 0 },
    });
    const start = systemd.calls.find(({ member }) => member === 'StartTransientUnit');
    expect(start?.body?.slice(0, 2)).toEqual([name, 'replace']);
  });

  it.each([
    [
      { result: 'exit-code', code: 1, status: 3 },
      { kind: 'exited', code: 3 },
    ],
    [
      { result: 'signal', code: 2, status: 9 },
      { kind: 'signalled', signal: 9 },
    ],
    [{ result: 'timeout', code: 2, status: 15 }, { kind: 'timeout' }],
    [
      { result: 'resources', code: 0, status: 0 },
      { kind: 'other', result: 'resources' },
    ],
  ])('that failed is told as it ended, and forgotten: %j', async (how, value) => {
    const script = Object.assign(new Script(), how);
    const { systemd, units } = await systemdWith(script);
    script.onStart = () => {
      Object.assign(script, { load: 'loaded', active: 'failed' });
      setTimeout(() => ended(systemd, 'failed'), 10);
      return { signature: 'o', body: [job] };
    };
    expect(await units.startTransient(name, unit, 2000, always)).toEqual({ ok: true, value });
    expect(systemd.calls.some(({ member }) => member === 'ResetFailedUnit')).toBe(true);
  });

  it('whose job ends before its processes do is waited for', async () => {
    const script = Object.assign(new Script(), { result: 'timeout', code: 2, status: 15 });
    const { systemd, units } = await systemdWith(script);
    script.onStart = () => {
      Object.assign(script, { load: 'loaded', active: 'deactivating' });
      setTimeout(() => ended(systemd, 'timeout'), 10);
      setTimeout(() => {
        script.active = 'failed';
      }, 60);
      return { signature: 'o', body: [job] };
    };
    expect(await units.startTransient(name, unit, 2000, always)).toEqual({
      ok: true,
      value: { kind: 'timeout' },
    });
  });

  it('that is stopped meanwhile is told so', async () => {
    const script = new Script();
    const { systemd, units } = await systemdWith(script);
    script.onStart = () => {
      setTimeout(() => ended(systemd, 'canceled'), 10);
      return { signature: 'o', body: [job] };
    };
    script.jobId = 7;
    expect(await units.startTransient(name, unit, 2000, always)).toEqual({
      ok: true,
      value: { kind: 'stopped' },
    });
  });

  it('of an earlier run is cleared away first', async () => {
    const script = Object.assign(new Script(), { load: 'loaded', active: 'failed' });
    const { systemd, units } = await systemdWith(script);
    script.onStart = () => {
      setTimeout(() => ended(systemd, 'done'), 10);
      return { signature: 'o', body: [job] };
    };
    script.jobId = 7;
    expect(await units.startTransient(name, unit, 2000, always)).toMatchObject({ ok: true });
    const members = systemd.calls.map(({ member }) => member);
    expect(members.indexOf('ResetFailedUnit')).toBeLessThan(members.indexOf('StartTransientUnit'));
  });

  it('is not started when the term is over', async () => {
    const { systemd, units } = await systemdWith(new Script());
    expect(await units.startTransient(name, unit, 2000, () => false)).toMatchObject({
      ok: false,
      error: { code: 'over' },
    });
    expect(systemd.calls.some(({ member }) => member === 'StartTransientUnit')).toBe(false);
  });

  it('that was started by a call whose answer was lost is waited for', async () => {
    const script = new Script();
    const { systemd, units } = await systemdWith(script);
    script.onStart = () => {
      script.jobId = 7;
      setTimeout(() => {
        script.jobId = 0;
        ended(systemd, 'done');
      }, 50);
      return { error: 'org.freedesktop.systemd1.UnitExists' };
    };
    expect(await units.startTransient(name, unit, 2000, always)).toEqual({
      ok: true,
      value: { kind: 'exited', code: 0 },
    });
  });

  it('does not hold its caller beyond the limit', async () => {
    const script = new Script();
    const { units } = await systemdWith(script);
    script.onStart = () => {
      script.jobId = 7;
      return { signature: 'o', body: [job] };
    };
    expect(await units.startTransient(name, unit, 300, always)).toMatchObject({
      ok: false,
      error: { code: 'timeout', message: '/bin/echo did not end within 300 ms.' },
    });
  });
});
