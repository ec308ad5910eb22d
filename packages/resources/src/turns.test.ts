import type { ClockPort } from '@hamn/engine';
import { describe, expect, it } from 'vitest';
import { Turns } from './turns.ts';

/** Time passes when it is told to. */
function handClock(): { readonly clock: ClockPort; pass(): void } {
  const due = new Set<() => void>();
  const after: ClockPort['after'] = (_, act) => {
    due.add(act);
    return () => due.delete(act);
  };
  const clock = { now: () => 0, wallMs: () => 0, after } as unknown as ClockPort;
  return {
    clock,
    pass: () => {
      for (const act of due) act();
    },
  };
}

const settled = async (): Promise<void> => {
  for (let round = 0; round < 10; round += 1) await Promise.resolve();
};

describe('turns', () => {
  it('come one after the other, in the order of asking', async () => {
    const turns = new Turns(handClock().clock);
    const order: string[] = [];
    const signal = new AbortController().signal;
    const take = (name: string) =>
      turns.take(signal).then((end) => {
        order.push(name);
        return end;
      });
    const [first, second, third] = [take('a'), take('b'), take('c')];
    await settled();
    expect(order).toEqual(['a']);
    (await first)();
    await settled();
    expect(order).toEqual(['a', 'b']);
    (await second)();
    (await second)();
    (await third)();
    expect(order).toEqual(['a', 'b', 'c']);
  });

  it('are not waited for without end', async () => {
    const { clock, pass } = handClock();
    const turns = new Turns(clock);
    const { signal } = new AbortController();
    await turns.take(signal);
    const second = turns.take(signal);
    await settled();
    pass();
    expect(await second).toBeTypeOf('function');
  });

  it('are not waited for by what is to be stopped', async () => {
    const turns = new Turns(handClock().clock);
    await turns.take(new AbortController().signal);
    const second = new AbortController();
    const waiting = turns.take(second.signal);
    second.abort();
    expect(await waiting).toBeTypeOf('function');
    expect(await turns.take(second.signal)).toBeTypeOf('function');
  });
});
