import { after, type Instant } from '../../brands.ts';
import type { RequestValue } from '../../group/values.ts';
import { type Facts, isBusy, isCandidate } from '../facts.ts';
import type { Intention } from '../intention.ts';
import { maintenanceText, ownMaintenance } from '../maintenance.ts';
import type { Match, Rule } from '../rule.ts';
import { handoverLimits } from './handover-limits.ts';
import { startEnds, startFailures } from './start-again.ts';

/** A restart of PostgreSQL that an admin asked for: one node, under one term, never counted as a crash. */

const role = 'postgres.role';

function ownRequest({ request, seen, group }: Facts): RequestValue | undefined {
  if (request?.kind !== 'restart' || request.to !== seen.me) return undefined;
  return group?.leader.kind === 'present' && request.token === Number(group.leader.mod) ? request : undefined;
}

/** It is remembered as over: a view that is behind shows the request for a while yet. */
const finish = ({ seen }: Facts, id: string, outcome: 'done' | 'refused', message: string): Match => ({
  because: message,
  memory: { restarting: { id, since: seen.now, over: true } },
  intentions: [{ kind: 'request.finish', id, outcome, message }],
});

/** Fast, and at its limit at once: what a crash recovery costs is bounded, a stop that waits for a client is not. */
function stopNow(facts: Facts, since: Instant, reason: string): Intention {
  const last = facts.seen.finished.get(role);
  const isLate = last !== undefined && !last.ok && last.code === 'stop-failed' && last.begunAt >= since;
  const { stopMs } = handoverLimits(facts);
  return isLate
    ? { kind: 'postgres.stop', mode: 'immediate', reason: `${reason} ${last.message}` }
    : { kind: 'postgres.stop', mode: 'fast', timeoutMs: stopMs, reason };
}

function restartPrimary(facts: Facts): Match | undefined {
  const { hold, memory, seen } = facts;
  const request = ownRequest(facts);
  if (hold === undefined || request === undefined || request.token !== hold.token) return undefined;
  const begun = memory.restarting?.id === request.id ? memory.restarting : undefined;
  const because = `${request.by} asked for a restart of PostgreSQL in place.`;
  if (begun?.over === true) return undefined;
  if (begun === undefined) {
    const against = againstRestart(facts);
    if (against !== undefined) return finish(facts, request.id, 'refused', against);
    // A hamnd that was restarted has not seen yet that the writable database is this term's.
    return {
      because,
      memory: { restarting: { id: request.id, since: seen.now }, promotedToken: hold.token },
    };
  }
  const last = seen.finished.get(role);
  const isOwn = last !== undefined && last.begunAt >= begun.since;
  const isUp = isOwn && (last.code === 'started' || (last.code === 'recovering' && facts.writable));
  if (isUp)
    return finish(
      facts,
      request.id,
      'done',
      `PostgreSQL on ${seen.me} was restarted in place; the term ${hold.token} stayed.`,
    );
  // It replays more than a start may take: `recovering` waits for it.
  if (isOwn && last.code === 'recovering') return undefined;
  if (isOwn && startFailures.includes(last.code))
    return finish(
      facts,
      request.id,
      'refused',
      `PostgreSQL on ${seen.me} was stopped and did not start again: ${last.message}`,
    );
  // Down: `start-planned` brings it up again, whatever becomes of the request.
  if (facts.server?.kind === 'down') return undefined;
  if (isBusy(facts, role) || isBusy(facts, 'postgres.checkpoint')) return { because };
  const checkpoint = seen.finished.get('postgres.checkpoint');
  if (facts.writable && (checkpoint === undefined || checkpoint.begunAt < begun.since))
    return { because, intentions: [{ kind: 'postgres.checkpoint', token: hold.token }] };
  return {
    because,
    memory: { stopped: { at: seen.now, why: because } },
    intentions: [stopNow(facts, begun.since, because)],
  };
}

function againstRestart(facts: Facts): string | undefined {
  const maintenance = ownMaintenance(facts);
  if (facts.pgSettings === undefined) return 'This group has no PostgreSQL.';
  if (maintenance !== undefined)
    return `${maintenanceText(maintenance)} PostgreSQL is restarted by hand there.`;
  if (!facts.writable) return 'The primary’s database is not writable now.';
  return undefined;
}

/** After a stop on purpose that did not end the term: it comes back in place, and that is no crash. */
function startPlanned(facts: Facts): Match | undefined {
  const { hold, memory, server, seen } = facts;
  if (hold === undefined || memory.stopped === undefined || server?.kind !== 'down') return undefined;
  if (memory.promotedToken !== hold.token) return undefined;
  const because = `The database was stopped on purpose and is started again under the same term. ${memory.stopped.why}`;
  if (isBusy(facts, role)) return { because };
  const last = seen.finished.get(role);
  // It was started since: what follows is a crash like any other, and is counted.
  if (last !== undefined && startEnds.includes(last.code) && last.begunAt >= memory.stopped.at)
    return undefined;
  return { because, intentions: [{ kind: 'postgres.start-primary', token: hold.token, reason: because }] };
}

function forgetStopped(facts: Facts): Match | undefined {
  const { memory, seen, writable } = facts;
  const { stopped } = memory;
  if (stopped === undefined || !writable || memory.handover !== undefined || isBusy(facts, role))
    return undefined;
  const last = seen.finished.get(role);
  const isBack = last !== undefined && startEnds.includes(last.code) && last.begunAt >= stopped.at;
  if (!isBack && seen.now < after(stopped.at, 60_000)) return undefined;
  return { because: 'The database is back after its planned stop.', memory: { stopped: undefined } };
}

function restartStandby(facts: Facts): Match | undefined {
  const { memory, seen, server, state } = facts;
  const request = ownRequest(facts);
  if (request === undefined || !isCandidate(facts)) return undefined;
  const begun = memory.restarting?.id === request.id ? memory.restarting : undefined;
  const because = `${request.by} asked for a restart of PostgreSQL.`;
  if (begun?.over === true) return undefined;
  const runs = server?.kind === 'up' && server.inRecovery;
  if (begun === undefined) {
    if (!runs)
      return finish(facts, request.id, 'refused', `PostgreSQL on ${seen.me} does not run as a standby now.`);
    const wasSynchronous = state?.synchronous.includes(seen.me) === true;
    return {
      because,
      memory: { restarting: { id: request.id, since: seen.now, wasSynchronous } },
      intentions: [stopNow(facts, seen.now, because)],
    };
  }
  // `come-back` brings it up again, by facts as ever.
  if (server?.kind === 'down') return undefined;
  if (begun.wasDown !== true) {
    if (isBusy(facts, role)) return { because };
    return { because, intentions: [stopNow(facts, begun.since, because)] };
  }
  const isSynchronous = begun.wasSynchronous !== true || state?.synchronous.includes(seen.me) === true;
  if (!runs || !server.streaming || !isSynchronous) return undefined;
  const again = begun.wasSynchronous === true ? ' and is synchronous again' : '';
  return finish(facts, request.id, 'done', `PostgreSQL on ${seen.me} was restarted; it streams${again}.`);
}

export const restartInPlace: readonly Rule[] = [
  {
    id: 'restart-asked',
    band: 'role',
    because: 'A restart of the primary that an admin asked for happens in place, under the same term.',
    when: restartPrimary,
  },
  {
    id: 'start-planned',
    band: 'role',
    because:
      'A database that was stopped on purpose within the term is started again and counts as no crash.',
    when: startPlanned,
  },
];

export const restartOfStandby: Rule = {
  id: 'restart-standby',
  band: 'role',
  because:
    'A restart of a standby that an admin asked for ends when it streams again, and is synchronous again if it was.',
  when: restartStandby,
};

function noticeDown({ memory, server }: Facts): Match | undefined {
  const { restarting } = memory;
  if (
    restarting === undefined ||
    restarting.wasDown === true ||
    restarting.over === true ||
    server?.kind !== 'down'
  )
    return undefined;
  return {
    because: 'The database is down for its restart.',
    memory: { restarting: { ...restarting, wasDown: true } },
  };
}

export const restartUpkeep: readonly Rule[] = [
  {
    id: 'restart-down',
    band: 'upkeep',
    because: 'A restart that was asked for has stopped the database.',
    when: noticeDown,
  },
  {
    id: 'planned-stop-over',
    band: 'upkeep',
    because: 'A planned stop is forgotten once the database is back.',
    when: forgetStopped,
  },
];
