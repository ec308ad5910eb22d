import { after } from '../../brands.ts';
import { isFull, whySick } from '../../postgres-trouble.ts';
import { cloneMatch } from '../clone-source.ts';
import { type Facts, holderUpstream, isBusy, isCandidate } from '../facts.ts';
import type { Memory } from '../memory.ts';
import { mustStayDetached } from '../quorum.ts';
import { judgeRejoin, type Rejoin } from '../rejoin.ts';
import type { Match } from '../rule.ts';
import { growingPauseMs, recent } from '../tries.ts';
import { startUpstream } from './cascade.ts';

/** A database that is not primary's comes back, and is kept fit to become one. */

function carryOut(facts: Facts, rejoin: Rejoin): Match {
  const { because } = rejoin;
  switch (rejoin.way) {
    case 'start':
      return {
        because,
        intentions: [
          {
            kind: 'postgres.start-standby',
            upstream: startUpstream(facts, rejoin.upstream),
            reason: because,
          },
        ],
      };
    case 'rewind':
      return {
        because,
        intentions: [{ kind: 'postgres.rewind', upstream: rejoin.upstream, reason: because }],
      };
    case 'clone':
      return cloneMatch(facts, rejoin.upstream, because);
    default:
      return { because };
  }
}

/** After a failed try the next one comes only after a pause that an admin can read in. */
const retryMs = 3000;

export function comeBack(facts: Facts): Match | undefined {
  if (!isCandidate(facts) || facts.postgres === undefined || facts.server?.kind !== 'down') return undefined;
  if (isBusy(facts, 'postgres.role')) return { because: 'PostgreSQL is being brought back as a standby.' };
  const last = facts.seen.finished.get('postgres.role');
  const failed = last !== undefined && !last.ok;
  // What was just copied is started, whatever it was suspected of before; only what follows then can tell more.
  const isCopied = last?.ok === true && (last.code === 'rewound' || last.code === 'cloned');
  const upstream = holderUpstream(facts);
  const starts = recent(facts.memory.restarts['standby'], facts.seen.now, windowOf(facts));
  const { restarting } = facts.memory;
  const isAsked = restarting !== undefined && restarting.over !== true;
  const counted: Partial<Memory> = isAsked
    ? {}
    : { restarts: { ...facts.memory.restarts, standby: [...starts, facts.seen.now] } };
  if (isCopied && upstream !== undefined && facts.postgres.data.kind === 'present') {
    const reason = `Its data was ${last.code}; it is started as a standby of ${upstream.node}.`;
    return {
      because: reason,
      memory: counted,
      intentions: [
        { kind: 'postgres.start-standby', upstream: mustStayDetached(facts) ? undefined : upstream, reason },
      ],
    };
  }
  const rejoin = judgeRejoin(facts);
  const why = failed ? ` The last try failed: ${last.message}` : '';
  if (failed && facts.seen.now < after(last.at, retryMs)) return { because: `${rejoin.because}${why}` };
  if (rejoin.way !== 'start') return carryOut(facts, rejoin);
  const full = facts.postgres.storage?.find(isFull);
  if (full !== undefined) return { because: `It is not started: ${whySick(full) ?? ''}` };
  const beyond = starts.length - (facts.pgSettings?.restarts ?? 0);
  const pauseMs = growingPauseMs(retryMs, beyond);
  const lastStart = starts.at(-1);
  if (!isAsked && beyond >= 0 && lastStart !== undefined && facts.seen.now < after(lastStart, pauseMs)) {
    const because = `It was started ${starts.length} times within ${windowOf(facts)} ms; the next try follows after a pause of ${pauseMs} ms.${why}`;
    return { because };
  }
  return { ...carryOut(facts, rejoin), memory: counted };
}

const windowOf = (facts: Facts): number => facts.pgSettings?.restartWindowMs ?? 0;

/** PostgreSQL stops its replay then (14 and later) or refuses to start (13), and would not be promoted. A start writes what is needed into hamn.conf. */
export function raiseSettings(facts: Facts): Match | undefined {
  const { server, postgres, memory } = facts;
  const low = postgres?.tooLow ?? [];
  if (!isCandidate(facts) || low.length === 0 || server?.kind !== 'up' || !server.inRecovery)
    return undefined;
  if (isBusy(facts, 'postgres.role')) return undefined;
  const names = low.map(({ name, own, needed }) => `${name} (${own}, needed ${needed})`).join(', ');
  // What an own line of the admin keeps low stays low: it is said, and not restarted for ever.
  if (memory.raised === names) return undefined;
  const reason = `Settings here are lower than the primary’s: ${names}. The standby is restarted with what is needed.`;
  return {
    because: reason,
    memory: { raised: names },
    intentions: [{ kind: 'postgres.stop', mode: 'fast', reason }],
  };
}
