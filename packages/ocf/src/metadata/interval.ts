/** Milliseconds of a unit. Source: pacemaker's crm_get_msec(); no unit means seconds. */
const units: ReadonlyMap<string, number> = new Map([
  ['', 1000],
  ['ms', 1],
  ['msec', 1],
  ['us', 0.001],
  ['usec', 0.001],
  ['s', 1000],
  ['sec', 1000],
  ['m', 60_000],
  ['min', 60_000],
  ['h', 3_600_000],
  ['hr', 3_600_000],
]);

/** setTimeout and poll(2) take no more than some 24 days; nothing that an agent does lasts a day. */
const mostMs = 24 * 3_600_000;

/** `20s`, `20`, `1500ms`, `2min` in milliseconds, at most a day; undefined for anything else. */
export function parseInterval(text: string): number | undefined {
  const match = /^\s*(\d{1,12})\s*([a-z]*)\s*$/.exec(text);
  const unit = units.get(match?.[2] ?? '');
  if (match === null || unit === undefined) return undefined;
  return Math.min(mostMs, Math.floor(Number(match[1]) * unit));
}
