import { betterCandidate, judgeCandidacy } from '../candidacy.ts';
import { type Facts, isCandidate } from '../facts.ts';
import type { Match, Rule } from '../rule.ts';
import { wantedByAdmin } from './candidate.ts';
import { againstUnattended } from './unattended.ts';

/** All is there for a take-over but the word of an admin. */
function prepared(facts: Facts): Match | undefined {
  const { seen, leader, request } = facts;
  if (!isCandidate(facts) || leader?.kind !== 'held' || leader.holder === seen.me) return undefined;
  const { verdict } = seen;
  if (!verdict.may || request !== undefined || wantedByAdmin(facts)) return undefined;
  const against = againstUnattended(facts);
  if (against === undefined || betterCandidate(facts) !== undefined) return undefined;
  if (!judgeCandidacy(facts).eligible) return undefined;
  return {
    because: `${leader.holder} is gone: ${verdict.because} ${against} This node is ready to take over: hamnctl failover --to ${seen.me}`,
  };
}

export const preparedRules: readonly Rule[] = [
  {
    id: 'prepared',
    band: 'upkeep',
    because: 'Where nobody takes over by itself, the node that could says so, and waits for an admin.',
    when: prepared,
  },
];
