import type { ResourceLook } from '@hamn/core';
import type { CopyReport, SenderReport } from '../report.ts';

/** A standby that restarts, or a tree that is copied for the first time, is no trouble for so long. */
const patienceMs = 15_000;
const longPatienceMs = 120_000;

/** What the sender's words mean for the resource: it works, with less than configured where a copy is not level. */
export function judgeSender(report: SenderReport): ResourceLook {
  const reasons = [...report.troubles, ...report.copies.flatMap(copyReason)];
  return { level: 'promoted', sure: false, reason: reasons.length === 0 ? undefined : reasons.join(' ') };
}

function copyReason({ node, state, reason, ageMs, backlogFiles }: CopyReport): readonly string[] {
  const waits = `${backlogFiles} changes wait for ${node} since ${Math.round(ageMs / 1000)} s.`;
  switch (state) {
    case 'level':
      return [];
    case 'behind':
    case 'comparing':
      return ageMs < longPatienceMs ? [] : [waits];
    case 'refused':
    case 'waiting':
    case 'unreachable':
    case 'failed':
      return ageMs < patienceMs && state !== 'refused' ? [] : [`${node} gets no changes: ${reason}`];
  }
}
