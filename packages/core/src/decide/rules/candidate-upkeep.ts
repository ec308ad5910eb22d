import { claimOf, sameClaim } from '../../claim.ts';
import { isBusy, isCandidate, preparedNames } from '../facts.ts';
import type { Rule } from '../rule.ts';
import { configuredClaim } from '../sync-facts.ts';

/** Failures that speak of this node's own server or data, not of the node that it copies from. */
const ownFailures: readonly string[] = [
  'start-failed',
  'stop-failed',
  'promote-failed',
  'rewind-failed',
  'clone-failed',
];

export const candidateUpkeep: readonly Rule[] = [
  {
    id: 'prepare-names',
    band: 'upkeep',
    because: 'A candidate’s own configuration enforces beforehand what its take will record.',
    when: (facts) => {
      const { server, postgres } = facts;
      if (!isCandidate(facts) || server?.kind !== 'up' || !server.inRecovery || postgres === undefined)
        return undefined;
      const names = preparedNames(facts);
      if (sameClaim(configuredClaim(postgres), claimOf(names)) || isBusy(facts, 'postgres.role'))
        return undefined;
      const because = 'The synchronous names are prepared for a take-over.';
      return { because, intentions: [{ kind: 'postgres.synchronous', names, reason: because }] };
    },
  },
  {
    id: 'probe-vips',
    band: 'upkeep',
    because: 'The duplicate probe runs while the candidate still waits, so it costs nothing.',
    when: (facts) => {
      const { seen } = facts;
      const sign = seen.term.seen;
      if (!isCandidate(facts) || sign === undefined || sign.silentMs < seen.settings.timings.intervalMs * 1.5)
        return undefined;
      const intentions = seen.settings.vips.map((vip) => ({ kind: 'vip.probe', vip }) as const);
      return { because: 'The holder is silent; the segment is asked who answers for the VIPs.', intentions };
    },
  },
  {
    id: 'adopt-failed-rewind',
    band: 'upkeep',
    because: 'A failed rewind is remembered: a clone follows.',
    when: (facts) => {
      const last = facts.seen.finished.get('postgres.role');
      if (last === undefined || facts.seen.term.phase !== 'candidate') return undefined;
      if (last.code === 'rewind-failed' && !facts.memory.rewindFailed)
        return { because: last.message, memory: { rewindFailed: true } };
      // The source could not be used (a password, pg_hba, its network): the data is not to blame, and a standby that runs is worth more.
      if (facts.memory.suspect && !last.ok && !ownFailures.includes(last.code))
        return { because: last.message, memory: { suspect: false } };
      if (last.code === 'rewound' && facts.memory.rewinds === 0)
        return { because: 'It was rewound; if that does not help, a clone follows.', memory: { rewinds: 1 } };
      return undefined;
    },
  },
];
