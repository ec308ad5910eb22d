import { marginParts } from '@hamn/core';
import type { Machine } from '../machine/machine.ts';

/** From its deadline to a verified harmless node, and after a thaw: what the margin pays for (docs/safety.md). */
export const boundMs: number = marginParts.demotionMs + marginParts.granularityMs;

/** After a thaw the server runs for some milliseconds before the guard acts, and after time stood still nobody there knows: outside I1. */
export const excused = (machine: Machine, now: number): boolean =>
  now - machine.thawedAt < boundMs || now < machine.unawareUntil + boundMs;

/** Whether this node's guard stands behind a term, or did a moment ago. */
export function isCovered(machine: Machine): boolean {
  const { record } = machine.guard.view;
  return record !== undefined && machine.parts.clock.now() <= record.deadline + boundMs;
}
