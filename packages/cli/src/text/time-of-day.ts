import { fail, ok, type Result } from '@hamn/core';

/** A time that an admin wrote: when, and how it was understood. */
export interface ReadTime {
  readonly wallMs: number;
  /** `2026-11-28 03:00:00 (UTC+01:00, Europe/Berlin)` */
  readonly text: string;
}

const legal =
  'Write a time as 2026-11-28T03:00 (this machine’s time zone), 2026-11-28T03:00Z or +01:00 after it, 03:00 (the next one), or +30m, +2h, +1h30m.';
const farthestMs = 30 * 86_400_000;

/** `--at`: an ISO time, the next HH:MM, or a duration from now. */
export function readTime(written: string, nowWallMs: number): Result<ReadTime, 'bad-time'> {
  const text = written.trim();
  const wallMs = fromNow(text, nowWallMs) ?? nextTimeOfDay(text, nowWallMs) ?? isoTime(text);
  if (wallMs === undefined) return fail('bad-time', `'${written}' is no time. ${legal}`);
  if (wallMs <= nowWallMs)
    return fail('bad-time', `${inZone(wallMs)} is over already; nothing was scheduled.`);
  if (wallMs > nowWallMs + farthestMs)
    return fail('bad-time', `${inZone(wallMs)} is more than 30 days away; nothing was scheduled.`);
  return ok({ wallMs, text: inZone(wallMs) });
}

/** `90s`, `30m`, `2h`, `1h30m` in milliseconds; undefined when it is no such duration. */
export function readDuration(text: string): number | undefined {
  const found = /^(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,7})s)?$/.exec(text.trim());
  if (found === null || text.trim() === '') return undefined;
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = found;
  const ms = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1000;
  return ms > 0 ? ms : undefined;
}

function fromNow(text: string, nowWallMs: number): number | undefined {
  const ms = text.startsWith('+') ? readDuration(text.slice(1)) : undefined;
  return ms === undefined ? undefined : nowWallMs + ms;
}

function nextTimeOfDay(text: string, nowWallMs: number): number | undefined {
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hours === undefined || minutes === undefined) return undefined;
  const date = new Date(nowWallMs);
  date.setHours(Number(hours), Number(minutes), 0, 0);
  if (date.getTime() <= nowWallMs) date.setDate(date.getDate() + 1);
  return date.getTime();
}

function isoTime(text: string): number | undefined {
  const form = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d)?$/;
  const [, day, time, zone = ''] = form.exec(text) ?? [];
  if (day === undefined || time === undefined) return undefined;
  // Without a zone it is this machine's own (ECMAScript, "Date Time String Format").
  const ms = Date.parse(`${day}T${time}${zone}`);
  return Number.isFinite(ms) ? ms : undefined;
}

const two = (value: number): string => String(value).padStart(2, '0');

function inZone(wallMs: number): string {
  const date = new Date(wallMs);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const offset = -date.getTimezoneOffset();
  const sign = offset < 0 ? '-' : '+';
  const zone = `UTC${sign}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  return `${day} ${time} (${zone}, ${Intl.DateTimeFormat().resolvedOptions().timeZone})`;
}
