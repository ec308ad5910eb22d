import type { ClockPort } from '@hamn/engine';
import { now } from '@hamn/linux';
import { clockOf } from './clock.ts';

/** The kernel's, which the watchdog of a lock reads, too: deadlines are compared across the two processes. */
export const bootClock: ClockPort = clockOf(now);
