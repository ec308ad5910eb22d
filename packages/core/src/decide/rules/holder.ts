import { after, type Instant } from '../../brands.ts';
import { successors } from '../candidacy.ts';
import { type Facts, isBusy } from '../facts.ts';
import type { Handover } from '../memory.ts';
import type { Match, Rule } from '../rule.ts';
import { continueHandover, leave, startHandover } from './handover.ts';
import { holderMaintenance } from './maintenance.ts';
import { restartInPlace } from './restart.ts';

/** The holder's database: promoted, kept running, or given away. */

const role = 'postgres.role';

const withPostgres = (facts: Facts): boolean => facts.hold !== undefined && facts.pgSettings !== undefined;

const recent = (times: readonly Instant[], now: Instant, windowMs: number): readonly Instant[] =>
  times.filter((time) => time > now - windowMs);

function failedBefore(facts: Facts, code: string): boolean {
  const last = facts.seen.finished.get(role);
  return (
    last !== undefined && !last.ok && last.code === code && last.at >= (facts.hold?.since ?? facts.seen.now)
  );
}

/** A role that cannot be filled here goes to a node that can; without one, the next try follows after a pause. */
function giveAwayOrRetry(facts: Facts, why: string, retry: () => Match): Match {
  const [to] = successors(facts);
  if (to === undefined || facts.paused || facts.seen.settings.failover === 'manual') {
    const last = facts.seen.finished.get(role);
    if (last !== undefined && !last.ok && facts.seen.now < after(last.at, 1000)) {
      return { because: `${why} No other node may take over; the next try follows.` };
    }
    return retry();
  }
  const handover: Handover = { id: 'failover', to, since: facts.seen.now, reason: why, stoppedAt: undefined };
  return { because: `${why} The role is given to ${to}.`, memory: { handover } };
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

function startAgain(facts: Facts): Match | undefined {
  const { hold, server, memory, pgSettings, seen } = facts;
  if (!withPostgres(facts) || hold === undefined || pgSettings === undefined || server?.kind !== 'down')
    return undefined;
  if (isBusy(facts, role)) return { because: 'The database is being started.' };
  // A hamnd that was restarted with its database has no memory of the promotion; the group has.
  const promoted = memory.promotedToken ?? hold.state?.promotions.at(-1)?.token;
  const wasPrimary = promoted === hold.token;
  const times = recent(memory.restarts['postgres'] ?? [], seen.now, pgSettings.restartWindowMs);
  const count = { restarts: { ...memory.restarts, postgres: [...times, seen.now] } };
  const start = (): Match => {
    const because = wasPrimary
      ? `The database stopped by itself; it is restarted in place (${times.length + 1} of ${pgSettings.restarts} within ${pgSettings.restartWindowMs} ms).`
      : 'This node holds the term; its database is started as a standby and then promoted.';
    const intention = wasPrimary
      ? ({ kind: 'postgres.start-primary', token: hold.token, reason: because } as const)
      : ({ kind: 'postgres.start-standby', upstream: undefined, reason: because } as const);
    return { because, memory: count, intentions: [intention] };
  };
  const last = seen.finished.get(role);
  if (failedBefore(facts, 'start-failed'))
    return giveAwayOrRetry(facts, `The database could not be started: ${last?.message ?? ''}`, start);
  if (times.length >= pgSettings.restarts) {
    return giveAwayOrRetry(
      facts,
      `The database was restarted ${times.length} times within ${pgSettings.restartWindowMs} ms.`,
      start,
    );
  }
  return start();
}

function hung(facts: Facts): Match | undefined {
  const { hold, server, memory, seen } = facts;
  if (!withPostgres(facts) || hold === undefined || server?.kind !== 'hung') return undefined;
  const since = memory.hungSince ?? seen.now;
  const patienceMs = Math.max(5000, 3 * hold.termMs);
  if (isBusy(facts, role) || seen.now < after(since, patienceMs)) {
    return { because: `The database does not answer: ${server.reason}`, memory: { hungSince: since } };
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
  const remembered = memory.promotedToken === hold.token && memory.hungSince === undefined;
  const because = 'This node is primary.';
  return remembered ? { because } : { because, memory: { promotedToken: hold.token, hungSince: undefined } };
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
  { id: 'promote', band: 'role', because: 'The holder’s database is promoted.', when: promote },
  {
    id: 'start-again',
    band: 'role',
    because:
      'A holder’s database that stopped is restarted in place a bounded number of times, then the role is given away.',
    when: startAgain,
  },
  {
    id: 'hung',
    band: 'role',
    because: 'A holder’s database that answers nothing is stopped and restarted.',
    when: hung,
  },
  { id: 'serve', band: 'role', because: 'The holder serves.', when: serve },
];
