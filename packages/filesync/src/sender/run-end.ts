import type { ChildEnd } from './child.ts';

/** What the end of a run means. */

const refusal = 'hamn refuses this push: ';

/** By the gate of the standby. */
export const isRefused = ({ complaint }: ChildEnd): boolean => complaint.includes(refusal);

/** 24: files went away while they were being sent; an event tells of that, too. */
export const isDone = ({ code, endedBecause }: ChildEnd): boolean =>
  endedBecause === undefined && (code === 0 || code === 24);

export function failureText({ code, endedBecause, complaint }: ChildEnd): string {
  if (endedBecause === 'permit') return 'The term ended, so the transfer was ended.';
  if (endedBecause === 'limit') return 'The transfer came to its limit and was ended.';
  const at = complaint.indexOf(refusal);
  if (at >= 0) return complaint.slice(at + refusal.length).split('\n')[0] ?? '';
  const said = complaint.replace(/\s*\n\s*/g, ' ').slice(-400);
  return `rsync ended with exit code ${code ?? 'none, by a signal'}. It said: ${said}`;
}
