import { fail, type Instant, type Intention, instant, ok } from '@hamn/core';
import { describe, expect, it } from 'vitest';
import { type Action, Executor } from './executor.ts';

const vip = { address: '10.0.0.10', prefixLength: 24, interface: 'eth9' } as const;
const probe: Intention = { kind: 'vip.probe', vip };
const demote: Intention = { kind: 'demote', reason: 'the term is over' };
const broken: Action = async () => fail('no-interface', 'There is no interface eth9.');
const fine: Action = async () => ok({ code: 'free', data: {} });

/** An executor whose ends wake somebody who asks for the same thing again, as the rules do. */
function bench() {
  let now: Instant = instant(1000);
  const timers: { readonly at: number; readonly run: () => void }[] = [];
  const told: string[] = [];
  let wakes = 0;
  const clock = {
    now: () => now,
    wallMs: () => 0,
    nonce: () => 'n',
    after: (delayMs: number, run: () => void) => {
      timers.push({ at: now + delayMs, run });
      return () => undefined;
    },
  };
  const journal = { write: ({ message }: { readonly message: string }) => told.push(message) };
  const executor = new Executor({ clock, journal }, () => {
    wakes += 1;
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    executor,
    told,
    wakes: () => wakes,
    run: async (intention: Intention, action: Action) => {
      let begun = false;
      executor.run(
        intention,
        () => true,
        () => {
          begun = true;
          return action();
        },
      );
      await settle();
      return begun;
    },
    pass: (ms: number) => {
      now = instant(now + ms);
      for (const timer of timers.splice(0))
        if (timer.at <= now) timer.run();
        else timers.push(timer);
    },
  };
}

describe('what fails at once', () => {
  it('is tried again after a pause that grows to a second, and wakes the rules for it', async () => {
    const { run, pass, wakes } = bench();
    let tries = 0;
    for (let ms = 0; ms < 10_000; ms += 10) {
      if (await run(probe, broken)) tries += 1;
      pass(10);
    }
    expect(tries).toBeGreaterThan(10);
    expect(tries).toBeLessThan(16);
    expect(wakes()).toBeGreaterThanOrEqual(2 * tries - 1);
  });

  it('is written down when it is new, and once a minute while it goes on', async () => {
    const { run, pass, told } = bench();
    for (let ms = 0; ms < 61_000; ms += 500) {
      await run(probe, broken);
      pass(500);
    }
    expect(told.filter((text) => text.includes('no interface eth9'))).toHaveLength(2);
    await run(probe, async () => fail('no-interface', 'There is no interface eth8.'));
    expect(told.at(-1)).toContain('eth8');
  });

  it('starts anew after a success', async () => {
    const { run, pass } = bench();
    for (const action of [broken, broken, broken, fine, broken]) {
      await run(probe, action);
      pass(1000);
    }
    pass(-1000);
    pass(50);
    expect(await run(probe, fine)).toBe(true);
  });

  it('does not hold up the node’s being made harmless', async () => {
    const { run } = bench();
    const refused: Action = async () => fail('not-verified', 'It could not be verified.');
    expect([await run(demote, refused), await run(demote, refused), await run(demote, refused)]).toEqual([
      true,
      true,
      true,
    ]);
  });
});
