import { readFileSync } from 'node:fs';
import { assert, type Instant, instant } from '@hamn/core';
import { clockGettime } from '../native/libc.ts';

/** clock_gettime(2): counts on through suspend, and no one can set it. */
const CLOCK_BOOTTIME = 7;

const timespec = Buffer.alloc(16);

/** Milliseconds of CLOCK_BOOTTIME with the nanoseconds as fraction. About a microsecond; never throws on Linux 2.6.39 and later. */
export function now(): Instant {
  const failed = clockGettime(CLOCK_BOOTTIME, timespec) !== 0;
  assert(!failed, 'the kernel offers no CLOCK_BOOTTIME');
  const seconds = Number(timespec.readBigInt64LE(0));
  const nanoseconds = Number(timespec.readBigInt64LE(8));
  return instant(seconds * 1000 + nanoseconds / 1e6);
}

/** A text that is another one after each boot (random(4)). An unreadable file gives '' (no boot has that). */
export function bootId(path = '/proc/sys/kernel/random/boot_id'): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

export interface BootClock {
  now(): Instant;
  bootId(): string;
}

export const bootClock: BootClock = { now, bootId };
