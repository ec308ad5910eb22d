import { after } from '../../brands.ts';
import { type Facts, isBusy } from '../facts.ts';
import type { Match, Rule } from '../rule.ts';
import { giveAwayOrRetry, heir } from './give-away.ts';
import { continueHandover, leave, startHandover } from './handover.ts';
import { holderMaintenance } from './maintenance.ts';
import { restartInPlace } from './restart.ts';
import { recoveringRule, sickRules } from './sick.ts';
import { startAgain } from './start-again.ts';

/** The holder's database: promoted, kept running, or given away. */

const role = 'postgres.role';

const withPostgres = (facts: Facts): boolean => facts.hold !== undefined && facts.pgSettings !== undefined;

function failedBefore(facts: Facts, code: string): boolean {
  const last = facts.seen.finished.get(role);
  return (
    last !== undefined && !last.ok && last.code === code && last.at >= (facts.hold?.since ?? facts.seen.now)
  );
}

/** The directory may have been exchanged since this node was found eligible: nothing that the group acknowledged is in another system's database. */
function otherSystem(facts: Facts): Match | undefined {
  const { hold, server, postgres, state } = facts;
  const wanted = hold?.state?.systemId ?? state?.systemId;
  if (!withPostgres(facts) || wanted === undefined || postgres === undefined) return undefined;
  const { data } = postgres;
  const present = data.kind === 'present' ? data.systemId : undefined;
  const found = server?.kind === 'up' ? server.systemId : present;
  if (found === undefined || found === wanted) return undefined;
  const why = `This node’s database has system identifier ${found}, the group’s has ${wanted}: it is another database and is not served.`;
  return giveAwayOrRetry(facts, why, () => ({ because: why }));
}

function promote(facts: Facts): Match | undefined {
  const { hold, server, postgres, seen } = facts;
  if (!withPostgres(facts) || hold === undefined || server?.kind !== 'up' || !server.inRecovery)
    return undefined;
  if (isBusy(facts, role)) return { because: 'The database is being promoted.' };
  if (postgres === undefined) return undefined;
  const because = 'This node holds the term; its database is promoted.';
  const order = (): Match => ({
    because,
    intentions: [
      { kind: 'postgres.promote', token: hold.token, fromTimeline: server.timeline, reason: because },
    ],
  });
  if (failedBefore(facts, 'promote-failed')) {
    return giveAwayOrRetry(facts, `The promotion failed: ${seen.finished.get(role)?.message ?? ''}`, order);
  }
  return order();
}

function hung(facts: Facts): Match | undefined {
  const { hold, server, memory, seen } = facts;
  if (!withPostgres(facts) || hold === undefined || server?.kind !== 'hung') return undefined;
  const since = memory.hungSince ?? seen.now;
  const patienceMs = Math.max(5000, 3 * hold.termMs);
  if (isBusy(facts, role) || seen.now < after(since, patienceMs)) {
    return { because: `The database does not answer: ${server.reason}`, memory: { hungSince: since } };
  }
  const to = heir(facts);
  // A server that cannot even be killed waits for its storage: only the end of the term helps the clients.
  if (failedBefore(facts, 'stop-failed') && to !== undefined) {
    const reason = `The database does not answer and cannot be stopped: ${seen.finished.get(role)?.message ?? ''} The term is given up, so that ${to} may take over.`;
    return { because: reason, intentions: [{ kind: 'demote', reason }] };
  }
  const because = `The database has not answered for ${patienceMs} ms; it is stopped at once and restarted.`;
  return {
    because,
    memory: { hungSince: undefined },
    intentions: [{ kind: 'postgres.stop', mode: 'immediate', reason: because }],
  };
}

function serve(facts: Facts): Match | undefined {
  const { hold, memory, pgSettings } = facts;
  if (hold === undefined) return undefined;
  if (pgSettings === undefined) return { because: 'This node holds the term.' };
  if (!facts.writable) return { because: 'This node holds the term; its database is not writable yet.' };
  const remembered =
    memory.promotedToken === hold.token && memory.hungSince === undefined && memory.recovery === undefined;
  const because =
    facts.server?.kind === 'rejecting'
      ? 'This node is primary; all connections of its database are in use.'
      : 'This node is primary.';
  const memoryNow = { promotedToken: hold.token, hungSince: undefined, recovery: undefined };
  return remembered ? { because } : { because, memory: memoryNow };
}

export const holderRules: readonly Rule[] = [
  {
    id: 'hand-over',
    band: 'role',
    because: 'A hand-over that was begun is finished or taken back, never left half-way.',
    when: continueHandover,
  },
  {
    id: 'switchover-asked',
    band: 'role',
    because: 'An admin’s switchover is checked first, then begun.',
    when: startHandover,
  },
  {
    id: 'leave',
    band: 'role',
    because: 'A hamnd that is stopped for good hands the role over first.',
    when: leave,
  },
  ...restartInPlace,
  holderMaintenance,
  {
    id: 'other-system',
    band: 'role',
    because: 'A holder never starts, promotes or serves another system’s database.',
    when: otherSystem,
  },
  ...sickRules,
  { id: 'promote', band: 'role', because: 'The holder’s database is promoted.', when: promote },
  {
    id: 'start-again',
    band: 'role',
    because:
      'A holder’s database that stopped is restarted in place a bounded number of times, or the role is given away: by policy, and by what is faster.',
    when: startAgain,
  },
  recoveringRule,
  {
    id: 'hung',
    band: 'role',
    because: 'A holder’s database that answers nothing is stopped and restarted.',
    when: hung,
  },
  { id: 'serve', band: 'role', because: 'The holder serves.', when: serve },
];
