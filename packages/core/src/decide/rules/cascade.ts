import { after, type Instant, type NodeId } from '../../brands.ts';
import { onTermsLine } from '../clone-source.ts';
import { answersAsPrimary, type Facts, holderUpstream, isBusy, isCandidate, nodeOf } from '../facts.ts';
import type { UpstreamNode } from '../intention.ts';
import { type CascadeMemory, streamsWell } from '../memory.ts';
import { mustStayDetached } from '../quorum.ts';
import { hasDiverged } from '../rejoin.ts';
import type { Match, Rule } from '../rule.ts';
import { onOtherLine } from './useless-copy.ts';

/**
 * Cascades: a standby with `replicatefrom` receives from another standby, which spares the primary. It does so only while that one streams and is known, by its
 * own disk, to be of the line that the present term has recorded; otherwise it follows the primary like every other standby.
 */

/** An upstream that is away, or from which nothing comes, for this long is given up for the primary. */
const awayMs = 10_000;
/** It is gone back to after it has been well for this long; longer each time that it was in vain. */
const backMs = 15_000;
const longestBackMs = 60_000;

/** The standby that this node is set to receive from; undefined where the primary is to be followed: there is none, or it is primary itself. */
function wantedUpstream(facts: Facts): UpstreamNode | undefined {
  const { self, seen, leader } = facts;
  const name = self?.replicatefrom;
  if (name === undefined || name === seen.me || leader?.kind !== 'held' || leader.holder === name)
    return undefined;
  const node = nodeOf(facts, name);
  return node?.role === 'data' ? { node: node.name, address: node.address } : undefined;
}

/** Not one that receives from this very node. */
const isFit = (facts: Facts, node: NodeId): boolean => {
  const it = onTermsLine(facts, node);
  return it !== undefined && it.upstream !== facts.seen.me;
};

/** Where a standby that is started finds its WAL. */
export function startUpstream(facts: Facts, holder: UpstreamNode | undefined): UpstreamNode | undefined {
  if (mustStayDetached(facts)) return undefined;
  const wanted = holder === undefined ? undefined : wantedUpstream(facts);
  const isTried = (facts.memory.cascade?.vain ?? 0) > 0;
  return wanted !== undefined && !isTried && isFit(facts, wanted.node) ? wanted : holder;
}

interface Cascade {
  readonly wanted: UpstreamNode;
  readonly holder: UpstreamNode;
  readonly server: Extract<NonNullable<Facts['server']>, { kind: 'up' }>;
  /** What hamn.conf says now. */
  readonly current: NodeId | undefined;
  readonly isFit: boolean;
}

function cascadeOf(facts: Facts): Cascade | undefined {
  const { server, postgres } = facts;
  const holder = holderUpstream(facts);
  const wanted = wantedUpstream(facts);
  if (!isCandidate(facts) || holder === undefined || wanted === undefined) return undefined;
  if (server?.kind !== 'up' || !server.inRecovery || postgres === undefined) return undefined;
  const current = postgres.configured.upstream;
  return { wanted, holder, server, current, isFit: isFit(facts, wanted.node) };
}

/** Since when the upstream has been well, or not. */
function watchUpstream(facts: Facts): Match | undefined {
  const { memory, seen } = facts;
  const before = memory.cascade;
  const cascade = cascadeOf(facts);
  if (isBusy(facts, 'postgres.role')) return undefined;
  if (cascade === undefined)
    return before === undefined
      ? undefined
      : { because: 'There is no upstream to look at now.', memory: { cascade: undefined } };
  const { wanted, current, server } = cascade;
  const follows = current === wanted.node;
  const isWell = cascade.isFit && (!follows || server.streaming);
  if (before?.node === wanted.node && before.follows === follows && before.isWell === isWell)
    return undefined;
  const next: CascadeMemory = {
    node: wanted.node,
    follows,
    isWell,
    since: seen.now,
    vain: vainTries(before, { node: wanted.node, follows, isWell }),
  };
  return {
    because: isWell ? `${wanted.node} can be received from.` : `${wanted.node} cannot be received from now.`,
    memory: { cascade: next },
  };
}

/** How often it was given up since something came from it. */
function vainTries(
  before: CascadeMemory | undefined,
  now: Pick<CascadeMemory, 'node' | 'follows' | 'isWell'>,
): number {
  if (before?.node !== now.node || (now.follows && now.isWell)) return 0;
  return before.follows && !now.follows ? before.vain + 1 : before.vain;
}

function followUpstream(facts: Facts): Match | undefined {
  const cascade = cascadeOf(facts);
  if (cascade === undefined || isBusy(facts, 'postgres.role') || mustStayDetached(facts)) return undefined;
  // What is wrong with the data here is between this node and the primary.
  if (onOtherLine(facts) !== undefined || hasDiverged(facts) !== undefined) return undefined;
  return cascade.current === cascade.wanted.node ? stay(facts, cascade) : change(facts, cascade);
}

function stay(facts: Facts, { wanted, holder, server, isFit }: Cascade): Match {
  const { memory, seen } = facts;
  if (isFit && server.streaming)
    return {
      because: `It streams from ${wanted.node}, a standby of ${holder.node}.`,
      memory: streamsWell,
    };
  const why = isFit
    ? `Nothing comes from ${wanted.node}, the upstream of this standby`
    : `${wanted.node}, the upstream of this standby, is away, does not stream or is not known to be of ${holder.node}’s line`;
  const since: Instant =
    memory.cascade?.follows === true && !memory.cascade.isWell ? memory.cascade.since : seen.now;
  if (seen.now < after(since, awayMs)) return { because: `${why}; it is waited for.` };
  if (!answersAsPrimary(facts, holder.node))
    return { because: `${why}, and ${holder.node} does not answer as the primary.` };
  return follow(holder, `${why}: after ${awayMs} ms this standby follows ${holder.node}.`);
}

/** Undefined: the holder is followed, as by every standby. */
function change(facts: Facts, { wanted, holder, current, isFit }: Cascade): Match | undefined {
  if (!isFit) return undefined;
  const { cascade } = facts.memory;
  const vain = cascade?.vain ?? 0;
  const reason = `${wanted.node} streams from ${holder.node}; this standby receives from it (replicatefrom).`;
  if (current !== holder.node && vain === 0) return follow(wanted, reason);
  const patienceMs = Math.min(longestBackMs, backMs * 2 ** Math.max(0, vain - 1));
  const hasBeenWell = cascade?.isWell === true && !cascade.follows && cascade.node === wanted.node;
  if (!hasBeenWell || facts.seen.now < after(cascade.since, patienceMs)) return undefined;
  return follow(wanted, reason);
}

const follow = (upstream: UpstreamNode, reason: string): Match => ({
  because: reason,
  intentions: [{ kind: 'postgres.follow', upstream, reason }],
});

export const cascadeRule: Rule = {
  id: 'follow-standby',
  band: 'role',
  because:
    'A standby with replicatefrom receives from that standby while it streams on the term’s line, and from the primary while it does not.',
  when: followUpstream,
};

export const cascadeUpkeep: readonly Rule[] = [
  {
    id: 'watch-upstream',
    band: 'upkeep',
    because: 'How long the upstream of a cascade has been well, or not, is remembered.',
    when: watchUpstream,
  },
];
