import { after, type NodeId } from '../../brands.ts';
import { parseLsn } from '../../lsn.ts';
import { neverSynchronous } from '../../settings.ts';
import { type Facts, isBusy, nodeOf, sameNames } from '../facts.ts';
import { maintenanceOf } from '../maintenance.ts';
import type { Memory } from '../memory.ts';
import type { Match, Rule } from '../rule.ts';
import { recent } from './give-away.ts';

/**
 * The synchronous set. Order is everything: a standby is added in PostgreSQL first and recorded in etcd only after its flushed LSN has passed
 * the LSN that was taken once waiting was proven; it is removed from etcd first, and from PostgreSQL only after a definite answer.
 */

/** A standby that went away so often within the time would hold up commits again and again: it is left out until it has been steady for as long. */
const unsteadyTimes = 3;
const unsteadyMs = 60_000;

/** A standby this far behind would only hold up commits. */
const nearBytes = 1_048_576n;

interface SyncFacts {
  readonly recorded: readonly NodeId[];
  /** What every commit waits for now, and what the include file says. */
  readonly names: readonly NodeId[];
  readonly gone: readonly NodeId[];
  readonly ready: readonly NodeId[];
  /** Not streaming at this moment: it may be reconnecting after a restart of the primary. */
  readonly missing: readonly NodeId[];
}

function syncFacts(facts: Facts): SyncFacts | undefined {
  const { hold, server, postgres, pgSettings, seen } = facts;
  if (hold?.state === undefined || server?.kind !== 'up' || server.inRecovery || postgres === undefined)
    return undefined;
  if (pgSettings === undefined || facts.memory.promotedToken !== hold.token) return undefined;
  const { electorate, synchronous } = hold.state;
  const recorded = synchronous.filter((node) => node !== seen.me);
  const names = [...new Set([...postgres.configured.synchronous, ...server.waitsFor])];
  const streams = (node: NodeId): boolean =>
    server.standbys.some((s) => s.node === node && s.state === 'streaming');
  const silent = (node: NodeId): boolean =>
    hold.peers.some((peer) => peer.node === node && peer.missedRounds >= 2);
  const left = (name: NodeId): boolean => {
    const node = nodeOf(facts, name);
    return (
      !electorate.includes(name) ||
      node?.role !== 'data' ||
      neverSynchronous(node) ||
      maintenanceOf(facts, name) !== undefined
    );
  };
  const away = (node: NodeId): boolean =>
    !streams(node) &&
    seen.now > after(facts.memory.awaySince[node] ?? seen.now, 2 * seen.settings.timings.intervalMs);
  const isUnsteady = (node: NodeId): boolean =>
    recent(facts.memory.wentAway[node], seen.now, unsteadyMs).length >= unsteadyTimes;
  const unsteady = (node: NodeId): boolean => pgSettings.mode !== 'strict' && isUnsteady(node);
  const gone = names
    .concat(recorded)
    .filter((node) => left(node) || silent(node) || away(node) || unsteady(node));
  const missing = names.concat(recorded).filter((node) => node !== seen.me && !streams(node));
  const near = server.standbys.filter(
    (s) =>
      s.state === 'streaming' && s.flushedLsn !== undefined && server.flushedLsn - s.flushedLsn < nearBytes,
  );
  const ready = near
    .map((s) => s.node)
    .filter((node) => !left(node) && !silent(node) && !unsteady(node) && node !== seen.me);
  return { recorded, names, gone: [...new Set(gone)], ready, missing: [...new Set(missing)] };
}

/** Two intervals are given to a standby that reconnects: degrading at once would leave the newest writes on one node after each restart in place. */
function watchAway(facts: Facts): Match | undefined {
  const sync = syncFacts(facts);
  if (sync === undefined) return undefined;
  const known = Object.keys(facts.memory.awaySince);
  if (sameNames(known, sync.missing)) return undefined;
  const since = sync.missing.map((node) => [node, facts.memory.awaySince[node] ?? facts.seen.now] as const);
  const because =
    sync.missing.length === 0
      ? 'Every synchronous standby streams.'
      : `${sync.missing.join(', ')} does not stream at this moment.`;
  return { because, memory: { awaySince: Object.fromEntries(since), wentAway: alsoAway(facts, sync) } };
}

function alsoAway(facts: Facts, sync: SyncFacts): Memory['wentAway'] {
  const { awaySince, wentAway } = facts.memory;
  const { now } = facts.seen;
  const fresh = sync.missing.filter((node) => awaySince[node] === undefined);
  const added = fresh.map((node) => [node, [...recent(wentAway[node], now, unsteadyMs), now]] as const);
  return { ...wentAway, ...Object.fromEntries(added) };
}

function shrinkRecord(facts: Facts): Match | undefined {
  const sync = syncFacts(facts);
  const { hold, seen, pgSettings } = facts;
  if (sync === undefined || hold?.state === undefined || pgSettings === undefined) return undefined;
  const drop =
    pgSettings.mode === 'asynchronous'
      ? sync.recorded
      : sync.recorded.filter((node) => sync.gone.includes(node));
  // Strict: with nobody to wait for, writes stop anyway; the record stays true as it is.
  if (drop.length === 0 || (pgSettings.mode === 'strict' && drop.length === sync.recorded.length))
    return undefined;
  const next = {
    ...hold.state,
    synchronous: [seen.me, ...sync.recorded.filter((node) => !drop.includes(node))],
  };
  const isAlone = next.synchronous.length === 1 && pgSettings.mode !== 'asynchronous';
  const alone = isAlone ? ' The primary goes on alone: degraded.' : '';
  const reason = `${drop.join(', ')} is taken out of the synchronous set: it is silent, does not stream, streams by fits and starts, is in maintenance, or is not wanted.${alone}`;
  return { because: reason, intentions: [{ kind: 'write-state', token: hold.token, next, reason }] };
}

/** Which names PostgreSQL should wait for: the recorded ones, and those that are to be recorded next. */
function wantedNames(facts: Facts, sync: SyncFacts): readonly NodeId[] {
  const mode = facts.pgSettings?.mode;
  if (mode === 'asynchronous') return sync.recorded;
  const wanted = [...new Set([...sync.recorded, ...sync.ready])];
  // Strict never has empty names: better to wait for nobody in particular than to acknowledge alone.
  if (mode === 'strict' && wanted.length === 0) return sync.names;
  return wanted;
}

function setNames(facts: Facts): Match | undefined {
  const sync = syncFacts(facts);
  const { server, postgres } = facts;
  if (sync === undefined || server?.kind !== 'up' || postgres === undefined) return undefined;
  const wanted = wantedNames(facts, sync);
  if (sameNames(wanted, server.waitsFor) && sameNames(wanted, postgres.configured.synchronous))
    return undefined;
  if (isBusy(facts, 'postgres.synchronous')) return { because: 'The synchronous names are being changed.' };
  const last = facts.seen.finished.get('postgres.synchronous');
  const grows = wanted.some((node) => !server.waitsFor.includes(node));
  if (grows && last !== undefined && !last.ok && facts.seen.now < after(last.at, 1000))
    return { because: last.message };
  const reason =
    wanted.length === 0
      ? 'No standby is waited for any more.'
      : `Every commit waits for ${wanted.join(', ')}.`;
  return {
    because: reason,
    memory: { mark: undefined },
    intentions: [{ kind: 'postgres.synchronous', names: wanted, reason }],
  };
}

function growRecord(facts: Facts): Match | undefined {
  const sync = syncFacts(facts);
  const { hold, server, seen, memory, pgSettings } = facts;
  if (
    sync === undefined ||
    hold?.state === undefined ||
    server?.kind !== 'up' ||
    pgSettings?.mode === 'asynchronous'
  )
    return undefined;
  const waiting = server.waitsFor.filter(
    (node) => !sync.recorded.includes(node) && sync.ready.includes(node),
  );
  const proven = seen.finished.get('postgres.synchronous');
  if (waiting.length === 0 || isBusy(facts, 'postgres.synchronous')) return undefined;
  const names = [...server.waitsFor].sort().join();
  if (proven?.ok !== true || proven.data['names'] !== names) {
    if (isBusy(facts, 'postgres.synchronous')) return undefined;
    const reason = 'It is proven again that every commit waits.';
    return {
      because: reason,
      memory: { mark: undefined },
      intentions: [{ kind: 'postgres.synchronous', names: server.waitsFor, reason }],
    };
  }
  if (memory.mark?.names !== names || memory.mark.at < proven.at) return takeMark(facts, names, proven.at);
  const mark = parseLsn(memory.mark.lsn);
  if (!mark.ok) return undefined;
  const passed = waiting.filter((node) =>
    server.standbys.some((s) => s.node === node && s.flushedLsn !== undefined && s.flushedLsn >= mark.value),
  );
  if (passed.length === 0) return { because: `${waiting.join(', ')} is catching up to ${memory.mark.lsn}.` };
  const next = { ...hold.state, synchronous: [seen.me, ...sync.recorded, ...passed] };
  const reason = `${passed.join(', ')} has everything up to ${memory.mark.lsn} and every commit waits for it: it is recorded as synchronous.`;
  return { because: reason, intentions: [{ kind: 'write-state', token: hold.token, next, reason }] };
}

function takeMark(facts: Facts, names: string, provenAt: number): Match | undefined {
  const { hold, seen } = facts;
  if (hold === undefined) return undefined;
  const taken = seen.finished.get('postgres.mark');
  const because = 'Every commit waits now; the position to pass is taken.';
  if (taken?.ok === true && taken.begunAt >= provenAt) {
    return { because, memory: { mark: { names, at: taken.at, lsn: String(taken.data['lsn']) } } };
  }
  return isBusy(facts, 'postgres.mark')
    ? { because }
    : { because, intentions: [{ kind: 'postgres.mark', token: hold.token }] };
}

export const synchronousRules: readonly Rule[] = [
  {
    id: 'sync-away',
    band: 'upkeep',
    because: 'A synchronous standby that stops streaming gets two intervals to reconnect.',
    when: watchAway,
  },
  {
    id: 'sync-shrink-record',
    band: 'upkeep',
    because: 'A standby is removed from the recorded set before PostgreSQL stops waiting for it.',
    when: shrinkRecord,
  },
  {
    id: 'sync-names',
    band: 'upkeep',
    because: 'PostgreSQL waits for every recorded standby and for those to be recorded next.',
    when: setNames,
  },
  {
    id: 'sync-grow-record',
    band: 'upkeep',
    because: 'A standby is recorded once it has everything and every commit waits for it.',
    when: growRecord,
  },
];
