import type { NodeId } from '../../brands.ts';
import { isFull, recoveryLeft, whySick } from '../../postgres-trouble.ts';
import { type Facts, isBusy } from '../facts.ts';
import type { Match } from '../rule.ts';
import { growingPauseMs, recent } from '../tries.ts';
import { giveAway, giveAwayOrRetry, heir } from './give-away.ts';

/** A holder's database that is down: started in place, or given away. */

const role = 'postgres.role';

/**
 * The replay of so much takes longer than a hand-over with all its services: 2 to 4 s at the 60 to 120 MB/s that one core replays. The usual
 * crash leaves a few megabytes, and a restart in place then takes 0.25 s and keeps address, services and timeline where they are.
 */
export const costlyRecoveryBytes: number = 256 * 1024 * 1024;

/** Failures of a start; after `data-damaged` no further try can succeed. */
export const startFailures: readonly string[] = ['start-failed', 'data-damaged'];

/** How a start ends: up, not at all, or at its limit while it recovers. */
export const startEnds: readonly string[] = ['started', 'recovering', ...startFailures];

function startFailure(facts: Facts): string | undefined {
  const last = facts.seen.finished.get(role);
  if (last === undefined || last.ok || !startFailures.includes(last.code)) return undefined;
  return last.at >= (facts.hold?.since ?? facts.seen.now) ? last.message : undefined;
}

/** A node that has every acknowledged write: speed is never bought with data. */
export function heirWithEverything(facts: Facts): NodeId | undefined {
  const to = heir(facts);
  const { hold, pgSettings, state } = facts;
  if (to === undefined || pgSettings?.mode === 'asynchronous') return undefined;
  return (hold?.state ?? state)?.synchronous.includes(to) === true ? to : undefined;
}

/** Where a hand-over is what the policy wants after a crash: to whom, and why. */
function rather(facts: Facts): { readonly to: NodeId; readonly why: string } | undefined {
  const policy = facts.pgSettings?.onCrash;
  if (policy === 'failover') {
    const to = heir(facts);
    return to === undefined
      ? undefined
      : { to, why: 'The database stopped by itself, and postgres.onCrash is failover.' };
  }
  const recovery = facts.postgres?.recovery;
  if (policy !== 'faster' || recovery === undefined) return undefined;
  const bytes = recoveryLeft(recovery);
  const to = bytes > costlyRecoveryBytes ? heirWithEverything(facts) : undefined;
  if (to === undefined) return undefined;
  const megabytes = Math.ceil(bytes / 1024 / 1024);
  return {
    to,
    why: `The database stopped by itself and would have to replay ${megabytes} MB of WAL; a hand-over is faster.`,
  };
}

export function startAgain(facts: Facts): Match | undefined {
  const { hold, server, memory, pgSettings, seen } = facts;
  if (hold === undefined || pgSettings === undefined || server?.kind !== 'down') return undefined;
  if (isBusy(facts, role)) return { because: 'The database is being started.' };
  const full = facts.postgres?.storage?.find(isFull);
  if (full !== undefined) {
    const why = `The database stopped. ${whySick(full) ?? ''}`;
    return giveAwayOrRetry(facts, why, () => ({ because: why }));
  }
  // A hamnd that was restarted with its database has no memory of the promotion; the group has.
  const promoted = memory.promotedToken ?? hold.state?.promotions.at(-1)?.token;
  const wasPrimary = promoted === hold.token;
  const times = recent(memory.restarts['postgres'], seen.now, pgSettings.restartWindowMs);
  const start = (): Match => {
    const because = wasPrimary
      ? `The database stopped by itself; it is restarted in place (${times.length + 1} of ${pgSettings.restarts} within ${pgSettings.restartWindowMs} ms).`
      : 'This node holds the term; its database is started as a standby and then promoted.';
    const intention = wasPrimary
      ? ({ kind: 'postgres.start-primary', token: hold.token, reason: because } as const)
      : ({ kind: 'postgres.start-standby', upstream: undefined, reason: because } as const);
    const restarts = { ...memory.restarts, postgres: [...times, seen.now] };
    return { because, memory: { restarts, recovery: undefined }, intentions: [intention] };
  };
  const pause = {
    ms: growingPauseMs(1000, times.length - pgSettings.restarts),
    since: times.length >= pgSettings.restarts ? times.at(-1) : undefined,
  };
  const failure = startFailure(facts);
  if (failure !== undefined)
    return giveAwayOrRetry(facts, `The database could not be started: ${failure}`, start, pause);
  if (times.length >= pgSettings.restarts) {
    const why = `The database was restarted ${times.length} times within ${pgSettings.restartWindowMs} ms.`;
    return giveAwayOrRetry(facts, why, start, pause);
  }
  const instead = wasPrimary ? rather(facts) : undefined;
  return instead === undefined ? start() : giveAway(facts, instead.to, instead.why);
}
