import { describe, expect, it } from 'vitest';
import { readDuration, readTime } from './time-of-day.ts';

const now = Date.parse('2026-11-28T02:30:00Z');
const at = (text: string): number | string => {
  const read = readTime(text, now);
  return read.ok ? read.value.wallMs - now : read.error.message;
};

describe('a time that an admin writes', () => {
  it('is a duration from now', () => {
    expect(at('+30m')).toBe(1_800_000);
    expect(at('+1h30m')).toBe(5_400_000);
  });

  it('is an ISO time with its zone', () => {
    expect(at('2026-11-28T03:00Z')).toBe(1_800_000);
    expect(at('2026-11-28 04:00:10+01:00')).toBe(1_810_000);
  });

  it('is the next such time of the day where it stands alone', () => {
    const ms = at('03:00');
    expect(ms).toBeTypeOf('number');
    expect(ms).toBeGreaterThan(0);
    expect(ms).toBeLessThanOrEqual(86_400_000);
    expect(new Date(now + Number(ms)).getMinutes()).toBe(0);
  });

  it('is refused with the legal forms when it is none, is over, or is far away', () => {
    expect(at('soon')).toContain("'soon' is no time. Write a time as 2026-11-28T03:00");
    expect(at('25:00')).toContain('is no time');
    expect(at('2026-11-28T02:00Z')).toContain('is over already');
    expect(at('+31d')).toContain('more than 30 days away');
  });

  it('tells its zone', () => {
    const read = readTime('2026-11-28T03:00Z', now);
    expect(read.ok && read.value.text).toMatch(/\(UTC[+-]\d\d:\d\d, \S+\)$/);
  });
});

describe('a duration', () => {
  it('has units', () => {
    expect(readDuration('2h')).toBe(7_200_000);
    expect(readDuration('1d')).toBe(86_400_000);
    expect(readDuration('90s')).toBe(90_000);
    for (const text of ['', '2', 'h', '0m', '-1h']) expect(readDuration(text)).toBeUndefined();
  });
});
