import type { Timeline } from './timeline.ts';

/** One line an event, in the order of time. */
export function timelineText(timeline: Timeline): string {
  const events: { atMs: number; text: string }[] = [...timeline.notes];
  const add = (atMs: number, text: string): void => void events.push({ atMs, text });
  for (const round of timeline.rounds) {
    add(round.fromMs, `round ${round.round} begins: ${round.cast}`);
    add(round.healedMs, `round ${round.round}: all faults have ended`);
    if (round.healthyMs !== undefined) {
      const seconds = ((round.healthyMs - round.healedMs) / 1000).toFixed(1);
      add(round.healthyMs, `round ${round.round}: all nodes are in service again after ${seconds} s`);
    }
  }
  for (const { node, term, vip, on, faults } of timeline.lanes) {
    for (const span of term) {
      add(span.fromMs, `${node} has the term`);
      if (span.toMs < timeline.lengthMs) add(span.toMs, `${node} has the term no more`);
    }
    for (const span of vip) {
      add(span.fromMs, `${node} has the VIP`);
      if (span.toMs < timeline.lengthMs) add(span.toMs, `${node} has the VIP no more`);
    }
    for (const span of on) {
      if (span.fromMs > 0) add(span.fromMs, `${node} is on`);
      if (span.toMs < timeline.lengthMs) add(span.toMs, `${node} is off`);
    }
    for (const fault of faults) {
      const isInstant = fault.toMs - fault.fromMs < 50;
      add(fault.fromMs, `fault: ${node} ${fault.text}`);
      if (!isInstant) add(fault.toMs, `ended: ${node} ${fault.text}`);
    }
  }
  for (const span of timeline.quorum) {
    if (span.fromMs > 0) add(span.fromMs, 'etcd has a quorum');
    if (span.toMs < timeline.lengthMs) add(span.toMs, 'etcd has no quorum');
  }
  const lines = events.sort((a, b) => a.atMs - b.atMs).map(({ atMs, text }) => `${clock(atMs)}  ${text}`);
  return [...lines, ...timeline.violations.map((text) => `VIOLATION  ${text}`), ''].join('\n');
}

/** Minutes, seconds and milliseconds since the beginning of the run. */
export function clock(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  const minutes = Math.floor(whole / 60_000);
  const seconds = Math.floor(whole / 1000) % 60;
  return `${pad(minutes, 2)}:${pad(seconds, 2)}.${pad(whole % 1000, 3)}`;
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');
