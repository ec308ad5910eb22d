import { randomUUID } from 'node:crypto';
import type { Cancel, ClockPort } from '@hamn/engine';
import { now } from '@hamn/linux';

/** setTimeout holds at most this much; longer waits are waited in parts. */
const longestTimerMs = 2 ** 31 - 1;

/** The one clock of the process: CLOCK_BOOTTIME. Timers that fire early by rounding are waited for again. */
export const systemClock: ClockPort = {
  now,
  wallMs: () => Date.now(),
  after: (delayMs, run) => startTimer(now() + Math.max(0, delayMs), run),
  nonce: () => randomUUID(),
};

function startTimer(due: number, run: () => void): Cancel {
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const left = due - now();
    timer = setTimeout(left > longestTimerMs ? wait : fire, Math.min(longestTimerMs, Math.ceil(left)));
  };
  const fire = (): void => (now() >= due ? run() : wait());
  wait();
  return () => clearTimeout(timer);
}
