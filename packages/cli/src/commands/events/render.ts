import type { EventDocument } from '@hamn/api';
import type { Paint } from '../../text/colour.ts';
import { formatTimeMs } from '../../text/quantities.ts';

/** `2026-11-21 02:03:33.123  mn1  WARN   vip.duplicate  … [rule]`. */
export function renderEvent(event: EventDocument, colour: Paint): string {
  const strong = { debug: colour.dim, info: plain, warn: colour.yellow, error: colour.red }[event.level];
  const rule = event.rule === undefined ? '' : colour.dim(` [${event.rule}]`);
  const level = strong(event.level.toUpperCase().padEnd(5));
  return `${formatTimeMs(event.atWallMs)}  ${event.node}  ${level}  ${event.event}: ${event.message}${rule}`;
}

const plain = (text: string): string => text;
