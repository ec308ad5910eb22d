import { after } from '../../brands.ts';
import { formatLsn } from '../../lsn.ts';
import { describeRecovery, recoveryLeft, whySick } from '../../postgres-trouble.ts';
import { type Facts, isBusy } from '../facts.ts';
import type { Memory } from '../memory.ts';
import type { Match, Rule } from '../rule.ts';
import { recent } from '../tries.ts';
import { giveAway, giveAwayOrRetry, heir } from './give-away.ts';
import { costlyRecoveryBytes, heirWithEverything } from './start-again.ts';

/** A server that has work to do before it serves, and storage that does not let it. */

const role = 'postgres.role';

/** Remembers when the replay last moved. Undefined while nothing new is to be remembered. */
export function watchedRecovery(facts: Facts): Memory['recovery'] {
  const { memory, postgres, seen } = facts;
  const at = postgres?.recovery?.at === undefined ? '' : formatLsn(postgres.recovery.at);
  return memory.recovery?.at === at ? memory.recovery : { at, movedAt: seen.now };
}

/** A server that recovers is waited for as long as it moves: to end it would only begin the same work again. */
function recovering(facts: Facts): Match | undefined {
  const { hold, server, postgres, memory, pgSettings, seen } = facts;
  if (hold === undefined || pgSettings === undefined || server?.kind !== 'rejecting') return undefined;
  if (server.cause !== 'starting') return undefined;
  const recovery = watchedRecovery(facts);
  const progress = postgres?.recovery === undefined ? '' : ` ${describeRecovery(postgres.recovery)}.`;
  // One backend was killed: PostgreSQL restarts by itself, and is left to it; but not for ever.
  const isItsOwn =
    memory.recovery === undefined &&
    memory.stopped === undefined &&
    memory.promotedToken === hold.token &&
    !isBusy(facts, role);
  const times = recent(memory.restarts['postgres'], seen.now, pgSettings.restartWindowMs);
  const counted = isItsOwn ? { restarts: { ...memory.restarts, postgres: [...times, seen.now] } } : {};
  const because = `The database is recovering and takes no sessions yet.${progress}`;
  const wait = (): Match => ({ because, memory: { recovery, ...counted } });
  if (isBusy(facts, role)) return wait();
  if (times.length >= pgSettings.restarts && isItsOwn)
    return giveAwayOrRetry(
      facts,
      `The database was restarted ${times.length} times within ${pgSettings.restartWindowMs} ms.`,
      wait,
      { ms: 0 },
    );
  if (recovery !== undefined && seen.now >= after(recovery.movedAt, pgSettings.startTimeoutMs)) {
    const why = `The recovery of the database has stood still for ${pgSettings.startTimeoutMs} ms.${progress}`;
    return giveAwayOrRetry(
      facts,
      why,
      () => ({ because: `${why} No other node may take over; it is waited for.` }),
      { ms: 0 },
    );
  }
  const left = postgres?.recovery === undefined ? 0 : recoveryLeft(postgres.recovery);
  const to =
    pgSettings.onCrash === 'faster' && left > costlyRecoveryBytes ? heirWithEverything(facts) : undefined;
  return to === undefined ? wait() : giveAway(facts, to, `${because} A hand-over is faster.`);
}

function sickStorage(facts: Facts): Match | undefined {
  const { hold, postgres } = facts;
  const sick = postgres?.storage?.find((storage) => storage.state !== 'well');
  if (hold === undefined || sick === undefined) return undefined;
  const to = heir(facts);
  if (to === undefined) return undefined;
  const why = whySick(sick) ?? '';
  if (sick.state !== 'hung') return giveAway(facts, to, why);
  // What hangs can be neither stopped in order nor killed at once: the guard ends the term, and the others wait T.
  const reason = `${why} The term is given up, so that ${to} may take over.`;
  return { because: reason, intentions: [{ kind: 'demote', reason }] };
}

export const sickRules: readonly Rule[] = [
  {
    id: 'sick-storage',
    band: 'role',
    because:
      'A holder whose storage hangs or takes no writes gives the role to a node that can; without one it goes on.',
    when: sickStorage,
  },
];

export const recoveringRule: Rule = {
  id: 'recovering',
  band: 'role',
  because:
    'A holder’s database that replays WAL is waited for while it moves; when it stands still, or a hand-over is faster, the role is given away.',
  when: recovering,
};

/** A standby says how far it is. */
export const standbyRecoveringRule: Rule = {
  id: 'standby-recovering',
  band: 'role',
  because: 'A standby that replays WAL before it takes sessions is waited for.',
  when: (facts) => {
    const { seen, server, postgres } = facts;
    if (seen.term.phase !== 'candidate' || server?.kind !== 'rejecting' || server.cause !== 'starting')
      return undefined;
    const progress = postgres?.recovery === undefined ? '' : ` ${describeRecovery(postgres.recovery)}.`;
    const because = `The database starts and takes no sessions yet.${progress}`;
    return { because, memory: { recovery: watchedRecovery(facts) } };
  },
};
