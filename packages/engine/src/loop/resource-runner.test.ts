import {
  done,
  fail,
  type Instant,
  instant,
  ok,
  type ResourceAct,
  type ResourceLook,
  type ResourceSettings,
  type Result,
  traitsOf,
} from '@hamn/core';
import { describe, expect, it } from 'vitest';
import { always } from '../ports/permit.ts';
import type { ResourceFailure, ResourcePort } from '../ports/resources.ts';
import { type ResourceActIntention, ResourceRunner } from './resource-runner.ts';

const what = { kind: 'exec', start: ['/s'], stop: ['/t'], monitor: ['/m'] } as const;
const xcatd: ResourceSettings = {
  name: 'xcatd',
  what,
  runs: 'primary',
  after: [],
  ...traitsOf(what).defaults,
  failure: { restarts: 3, windowMs: 60_000, outcome: 'degrade' },
  unfenced: false,
};

const intend = (act: ResourceAct, limitMs = 10_000): ResourceActIntention => ({
  kind: 'resource.act',
  name: 'xcatd',
  act,
  limitMs,
  onTerm: act === 'start',
  reason: 'it is a test',
});

type Ended = Result<undefined, ResourceFailure>;

/** Acts that end when the test says so. */
function bench(
  look: () => Promise<Result<ResourceLook, ResourceFailure>> = async () => fail('timeout', 'It hangs.'),
) {
  let now: Instant = instant(1000);
  let timers: { readonly at: number; readonly run: () => void }[] = [];
  const ends = new Map<string, (ended: Ended) => void>();
  const calls: string[] = [];
  const act = (name: string) => (): Promise<Ended> => {
    calls.push(name);
    return new Promise((resolve) => ends.set(name, resolve));
  };
  const resources: ResourcePort = {
    look: () => {
      calls.push('look');
      return look();
    },
    start: act('start'),
    promote: act('promote'),
    demote: act('demote'),
    outdate: act('outdate'),
    stop: act('stop'),
    kill: act('kill'),
    output: () => undefined,
  };
  const clock = {
    now: () => now,
    wallMs: () => 0,
    nonce: () => 'n',
    after: (delayMs: number, run: () => void) => {
      const timer = { at: now + delayMs, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  };
  let wakes = 0;
  const runner = new ResourceRunner({ clock, journal: { write: () => undefined }, resources }, () => {
    wakes += 1;
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    calls,
    wakes: () => wakes,
    run: async (intention: ResourceActIntention, permit = always) => {
      runner.run(intention, xcatd, 'primary', permit);
      await settle();
    },
    end: async (name: string, ended: Ended = done) => {
      now = instant(now + 10);
      ends.get(name)?.(ended);
      await settle();
    },
    pass: async (ms: number) => {
      now = instant(now + ms);
      for (const timer of timers.filter(({ at }) => at <= now)) timer.run();
      await settle();
    },
    seen: () => runner.seen(runner.inFlight()).get('xcatd'),
  };
}

describe('acts on resources', () => {
  it('are seen while they are under way, and how they ended', async () => {
    const scene = bench();
    await scene.run(intend('start'));
    expect(scene.seen()).toMatchObject({ inFlight: { act: 'start', since: 1000 }, finished: undefined });
    await scene.end('start', fail('failed', 'It did not start.'));
    expect(scene.seen()).toMatchObject({
      inFlight: undefined,
      finished: { act: 'start', at: 1010, ok: false, code: 'failed', message: 'It did not start.' },
    });
    expect(scene.wakes()).toBe(1);
  });

  it('do not begin twice, and not without a permit', async () => {
    const scene = bench();
    await scene.run(intend('start'), () => false);
    expect(scene.calls).toEqual([]);
    await scene.run(intend('start'));
    await scene.run(intend('start'));
    expect(scene.calls).toEqual(['start']);
  });

  it('never wait with a stop for a start, and what the start says afterwards counts for nothing', async () => {
    const scene = bench();
    await scene.run(intend('start'));
    await scene.run(intend('stop'));
    expect(scene.seen()?.inFlight?.act).toBe('stop');
    await scene.end('stop');
    expect(scene.seen()).toMatchObject({ inFlight: undefined, finished: { act: 'stop', ok: true } });
    await scene.end('start', done);
    expect(scene.seen()?.finished?.act).toBe('stop');
    // The next start is not held up by the one that was ended.
    await scene.run(intend('start'));
    expect(scene.calls).toEqual(['start', 'stop', 'start']);
  });

  it('are given up a second after their limit when an adapter does not end them', async () => {
    const scene = bench();
    await scene.run(intend('stop', 2000));
    await scene.pass(2999);
    expect(scene.seen()?.inFlight?.act).toBe('stop');
    await scene.pass(1);
    expect(scene.seen()).toMatchObject({
      inFlight: undefined,
      finished: { act: 'stop', ok: false, code: 'timeout' },
    });
  });
});

describe('looks', () => {
  it('are of the instant at which they began', async () => {
    let answer: (look: Result<ResourceLook>) => void = () => undefined;
    const scene = bench(() => new Promise((resolve) => (answer = resolve as typeof answer)));
    await scene.run(intend('monitor'));
    await scene.pass(500);
    answer(ok({ level: 'running', sure: false, reason: undefined }));
    await scene.pass(0);
    expect(scene.seen()?.look).toMatchObject({
      at: 1000,
      found: { known: true, value: { level: 'running' } },
    });
  });

  it('that hang could not tell; a systemd that does not answer says nothing at all, and is asked again a second later', async () => {
    const hung = bench();
    await hung.run(intend('monitor'));
    expect(hung.seen()?.look?.found).toEqual({ known: false, reason: 'It hangs.' });
    const silent = bench(async () => fail('unreachable', 'systemd does not answer.'));
    await silent.run(intend('monitor'));
    expect(silent.seen()?.look).toBeUndefined();
    await silent.run(intend('monitor'));
    expect(silent.calls).toEqual(['look']);
    await silent.pass(1000);
    await silent.run(intend('monitor'));
    expect(silent.calls).toEqual(['look', 'look']);
  });
});
