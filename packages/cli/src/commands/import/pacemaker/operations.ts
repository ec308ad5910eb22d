import { durationMs } from '@hamn/config';
import type { XmlElement } from '@hamn/xml';
import { operationsOf, pairsOf } from './cib.ts';
import { type Draft, type DraftKind, leaveOut } from './draft.ts';

const limits: Readonly<Record<string, string>> = {
  start: 'startTimeout',
  stop: 'stopTimeout',
  monitor: 'monitorTimeout',
  promote: 'promoteTimeout',
  demote: 'demoteTimeout',
};
const dayMs = 86_400_000;

/** Pacemaker's `30`, `30s`, `2min`, `500ms` as hamn writes it; undefined where it is nothing or no length of time. */
export function timeOf(text: string): string | undefined {
  const [, digits, unit = 's'] = /^(\d+)\s*(ms|msec|s|sec|m|min|h|hr)?$/.exec(text.trim()) ?? [];
  const units: Readonly<Record<string, string>> = { msec: 'ms', sec: 's', m: 'min', hr: 'h' };
  const time = `${digits}${units[unit] ?? unit}`;
  const ms = durationMs(time) ?? 0;
  return ms > 0 && ms <= dayMs ? time : undefined;
}

/** The limits and intervals of a primitive as settings; of several monitors the longest limit and the shortest interval. */
export function carryOperations(
  primitive: XmlElement,
  kind: DraftKind,
  isPromotable: boolean,
  draft: Draft,
): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const operation of operationsOf(primitive)) {
    const { name = '', timeout, interval, enabled = 'true' } = operation.attributes;
    const setting = limits[name];
    // A longer stop of an address would hold up the guard, and the agent for PostgreSQL did other things in that time.
    if (kind === 'vip' || kind === 'postgres')
      leaveOut(draft, operation, 'hamn has its own limits and intervals for addresses and the database.');
    else if (/^(false|0|no|off)$/i.test(enabled)) leaveOut(draft, operation, 'It was not enabled.');
    else if (setting === undefined || (!isPromotable && (name === 'promote' || name === 'demote')))
      leaveOut(draft, operation, `hamn has no limit of ${name} here.`);
    else {
      carryTime(settings, setting, timeout, operation, draft);
      if (name === 'monitor') carryMonitor(settings, interval, operation, kind, draft);
      leftOut(operation, draft);
    }
  }
  return settings;
}

function carryTime(
  settings: Record<string, string>,
  setting: string,
  text: string | undefined,
  operation: XmlElement,
  draft: Draft,
): void {
  if (text === undefined) return;
  const time = timeOf(text);
  if (time === undefined)
    return leaveOut(draft, operation, `'${text}' is no length of time up to 24h; hamn’s own counts.`);
  const before = settings[setting];
  const isEvery = setting === 'monitorEvery';
  if (before === undefined || isEvery === ms(time) < ms(before)) settings[setting] = time;
}

const ms = (time: string): number => durationMs(time) ?? 0;

function carryMonitor(
  settings: Record<string, string>,
  interval: string | undefined,
  operation: XmlElement,
  kind: DraftKind,
  draft: Draft,
): void {
  // Without an interval it is the one look at the start, which hamn takes anyway.
  if (interval !== undefined && !/^0\D*$/.test(interval))
    carryTime(settings, 'monitorEvery', interval, operation, draft);
  const depth = Number(pairsOf(operation, 'instance_attributes').get('OCF_CHECK_LEVEL') ?? 0);
  if (depth > 0 && kind === 'ocf') settings['depth'] = 'deep';
}

function leftOut(operation: XmlElement, draft: Draft): void {
  const { 'on-fail': onFail, 'start-delay': delay } = operation.attributes;
  if (onFail !== undefined && onFail !== 'restart')
    leaveOut(
      draft,
      operation,
      `on-fail=${onFail} is left out; what follows a failure is \`onFailure\` and \`restarts\` of the resource.`,
    );
  if (delay !== undefined) leaveOut(draft, operation, `start-delay=${delay} is left out.`);
  for (const [name, value] of pairsOf(operation, 'instance_attributes'))
    if (name !== 'OCF_CHECK_LEVEL') leaveOut(draft, operation, `${name}=${value} is left out.`);
}
