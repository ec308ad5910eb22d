import { formatLsn, parseLsn } from '../lsn.ts';
import type { PostgresData } from '../postgres-view.ts';
import { type Facts, holderUpstream } from './facts.ts';
import type { UpstreamNode } from './intention.ts';
import { descentOf, tokenOfTimeline } from './line.ts';

/** How a node that is not primary gets (or stays) a copy of the primary's database. */
export type Rejoin =
  | { readonly way: 'wait'; readonly because: string }
  | { readonly way: 'refuse'; readonly because: string }
  /** Its data is a prefix of the primary's: it only has to be started. */
  | { readonly way: 'start'; readonly upstream: UpstreamNode | undefined; readonly because: string }
  | { readonly way: 'rewind'; readonly upstream: UpstreamNode; readonly because: string }
  | { readonly way: 'clone'; readonly upstream: UpstreamNode; readonly because: string };

/** Judges the data directory of a server that is down (or of one that does not stream) by facts, never by trial. */
export function judgeRejoin(facts: Facts): Rejoin {
  const { postgres, state, leader, seen } = facts;
  if (postgres === undefined) return { way: 'wait', because: 'PostgreSQL cannot be observed.' };
  if (state === undefined || leader === undefined)
    return { way: 'wait', because: 'The group’s state has not been read.' };
  const upstream = holderUpstream(facts);
  const last = state.promotions.at(-1);
  const recorded =
    last !== undefined &&
    leader.kind === 'held' &&
    facts.group?.leader.kind === 'present' &&
    last.token === Number(facts.group.leader.mod);
  const { data } = postgres;
  if (data.kind !== 'present') {
    const what = whatIsMissing(data);
    if (upstream === undefined)
      return { way: 'wait', because: `${what}, and no other node is primary to clone it from.` };
    if (!recorded)
      return { way: 'wait', because: `${what}; ${upstream.node} has not finished its promotion yet.` };
    return { way: 'clone', upstream, because: `${what}; it is cloned from ${upstream.node}.` };
  }
  if (state.systemId !== undefined && data.systemId !== state.systemId) {
    return {
      way: 'refuse',
      because: `This node’s database has system identifier ${data.systemId}, the group’s has ${state.systemId}: it is another database and is not touched. Move it away, or use hamnctl reinit ${seen.me}.`,
    };
  }
  // PostgreSQL's own word that it cannot start on this data, whatever its settings.
  const tried = seen.finished.get('postgres.role');
  if (tried !== undefined && !tried.ok && tried.code === 'data-damaged' && recorded && upstream !== undefined)
    return {
      way: 'clone',
      upstream,
      because: `The database is damaged and is cloned from ${upstream.node}: ${tried.message}`,
    };
  if (last === undefined)
    return { way: 'start', upstream: undefined, because: 'The group has had no promotion yet.' };
  // Released and not taken: nobody wrote after this node did.
  if ((leader.kind === 'held' ? leader.holder : leader.by) === seen.me) {
    return {
      way: 'start',
      upstream: undefined,
      because: 'The last term was this node’s own, so its database is the newest.',
    };
  }
  if (upstream !== undefined && !recorded) {
    return {
      way: 'wait',
      because: `${upstream.node} holds the term and has not recorded its promotion yet.`,
    };
  }
  const descent = descentOf(seen.local, data.timeline, last);
  if (last.node !== seen.me && descent === 'other') {
    return cloneOrWait(
      upstream,
      `timeline ${data.timeline} here was made under another term than ${last.node}’s of the same number`,
    );
  }
  if (facts.memory.suspect && upstream !== undefined) {
    const what = 'it could not stream';
    // A rewind sees no difference between two timelines of one number, and does nothing.
    return data.timeline === last.timeline && descent === 'unknown'
      ? cloneOrWait(upstream, what)
      : rewindOrClone(facts, upstream, what);
  }
  if (data.timeline === last.timeline) {
    return { way: 'start', upstream, because: `It is on the group’s timeline ${last.timeline}.` };
  }
  if (data.timeline > last.timeline) {
    return cloneOrWait(
      upstream,
      `timeline ${data.timeline} here is unknown to the group (its newest is ${last.timeline})`,
    );
  }
  return judgeFork(facts, upstream, data);
}

function whatIsMissing(data: Exclude<PostgresData, { kind: 'present' }>): string {
  switch (data.kind) {
    case 'absent':
      return 'There is no database here';
    case 'incomplete':
      return `An interrupted ${data.by} left the database incomplete`;
    case 'damaged':
      return `The database is damaged (${data.because})`;
  }
}

function cloneOrWait(upstream: UpstreamNode | undefined, what: string): Rejoin {
  if (upstream === undefined)
    return {
      way: 'wait',
      because: `The database has diverged (${what}), and no primary is there to clone from.`,
    };
  return {
    way: 'clone',
    upstream,
    because: `The database has diverged (${what}); it is cloned from ${upstream.node}.`,
  };
}

/** The data is on an older timeline: it may be followed on only if it ends before the group left that timeline. */
function judgeFork(
  facts: Facts,
  upstream: UpstreamNode | undefined,
  data: Extract<NonNullable<Facts['postgres']>['data'], { kind: 'present' }>,
): Rejoin {
  const fork = facts.state?.promotions.find((promotion) => promotion.timeline > data.timeline);
  const left = fork === undefined ? undefined : parseLsn(fork.switchLsn);
  // Only a clean stop tells where the WAL ends; after a crash it may reach further than pg_control says.
  const clean = data.state === 'shut down' || data.state === 'shut down in recovery' || data.standbySignal;
  const at = `timeline ${data.timeline} at ${formatLsn(data.lsn)}`;
  if (fork !== undefined && left?.ok === true && clean && data.lsn <= left.value) {
    return {
      way: 'start',
      upstream,
      because: `It ends on ${at}, before the group went on to timeline ${fork.timeline} at ${fork.switchLsn}.`,
    };
  }
  if (upstream === undefined)
    return {
      way: 'wait',
      because: `The database may have diverged (${at}), and no primary is there to rewind to.`,
    };
  return rewindOrClone(facts, upstream, at);
}

/**
 * A standby that is up and has WAL of a timeline from beyond the point at which the group left it. It connects again and again, is told that the line ended before,
 * and looks for a moment each time as if it streamed.
 */
export function hasDiverged({ server, state, leader, group, seen }: Facts): string | undefined {
  if (server?.kind !== 'up' || !server.inRecovery || leader?.kind !== 'held' || leader.holder === seen.me)
    return undefined;
  const last = state?.promotions.at(-1);
  if (group?.leader.kind !== 'present' || last?.token !== Number(group.leader.mod)) return undefined;
  // While nothing is received, a server's timeline is only the least that it can be.
  if (tokenOfTimeline(seen.local, last.timeline) === last.token) return undefined;
  const fork = state?.promotions.find((promotion) => promotion.timeline > server.timeline);
  const left = fork === undefined ? undefined : parseLsn(fork.switchLsn);
  if (fork === undefined || left?.ok !== true || server.flushedLsn <= left.value) return undefined;
  return `It has WAL of timeline ${server.timeline} up to ${formatLsn(server.flushedLsn)}; the group went on to timeline ${fork.timeline} at ${fork.switchLsn}: its data has diverged.`;
}

function rewindOrClone(facts: Facts, upstream: UpstreamNode, why: string): Rejoin {
  const { rewindFailed, rewinds, suspect } = facts.memory;
  if (rewindFailed || (suspect && rewinds > 0)) {
    const because = `The database may have diverged (${why}) and a rewind did not help; it is cloned from ${upstream.node}.`;
    return { way: 'clone', upstream, because };
  }
  return {
    way: 'rewind',
    upstream,
    because: `The database may have diverged (${why}); it is rewound to ${upstream.node}.`,
  };
}
