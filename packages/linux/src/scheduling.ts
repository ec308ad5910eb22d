import { done, fail, type Result } from '@hamn/core';
import { errnoName } from './native/errno.ts';
import { lastErrno, setScheduler } from './native/libc.ts';

/** sched(7). */
const SCHED_RR = 2;
const SCHED_RESET_ON_FORK = 0x40000000;

/**
 * Puts the calling thread before all ordinary ones, so that a busy machine does not make it late. Threads and children that it starts
 * are ordinary again. Refused where realtime scheduling is not allowed (unit settings, cgroup v1 without a realtime budget): `denied`.
 */
export function raisePriority(priority = 10): Result<undefined, 'denied'> {
  const parameters = Buffer.alloc(4);
  parameters.writeInt32LE(priority, 0);
  if (setScheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, parameters) === 0) return done;
  return fail('denied', `Realtime scheduling was refused: ${errnoName(lastErrno())}.`);
}
