import { sdNotify } from '@hamn/linux';
import type { Guard } from './guard.ts';

/**
 * Timers of the process do not count suspend, so the clock is looked at again and again: after a resume the next look is at most this far.
 */
const armedMs = 20;
const nearMs = 10;
const nearDeadlineMs = 300;
const idleMs = 1000;

/**
 * Looks at the clock for ever, and tells systemd's watchdog that it does (from this loop: a stuck one must not look alive). Returns what
 * makes it look at once: a guard that was just armed may not wait for the next idle look.
 */
export function keepPolling(guard: Guard, watchdogLimitMs: number | undefined): () => void {
  const feedMs = watchdogLimitMs === undefined ? undefined : watchdogLimitMs / 3;
  let fed = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    clearTimeout(timer);
    const leftMs = guard.tick();
    if (feedMs !== undefined && performance.now() - fed >= feedMs) {
      fed = performance.now();
      sdNotify('WATCHDOG=1');
    }
    timer = setTimeout(look, Math.min(nextLook(leftMs), feedMs ?? idleMs));
  };
  look();
  return look;
}

function nextLook(leftMs: number | undefined): number {
  if (leftMs === undefined) return idleMs;
  const everyMs = leftMs > nearDeadlineMs ? armedMs : nearMs;
  return Math.max(1, Math.min(everyMs, leftMs));
}
