import { after, type NodeId } from '../brands.ts';
import {
  alone,
  type Claim,
  claimOf,
  implies,
  recordedClaim,
  sameClaim,
  strongest,
  weakest,
} from '../claim.ts';
import type { PostgresView } from '../postgres-view.ts';
import { neverLeads, neverSynchronous, type PostgresSettings, type ReplicationMode } from '../settings.ts';
import type { HoldView } from '../term/term.ts';
import { type Facts, memberOf, nodeOf } from './facts.ts';
import { maintenanceOf } from './maintenance.ts';
import { recent } from './tries.ts';

/**
 * What the rules of the synchronous set go by. The record in etcd and the names in PostgreSQL are claims (see `Claim`), and at every instant the names imply
 * the record.
 */

/** A standby this far behind would only hold up commits. */
const nearBytes = 1_048_576n;

/** A standby that went away so often within the time would hold up commits again and again: it is left out until it has been steady for as long. */
const unsteadyTimes = 3;
export const unsteadyMs = 60_000;

export type SyncStep =
  | { readonly kind: 'none' }
  /** The present record implies the next one: it is written first, and PostgreSQL follows. */
  | { readonly kind: 'weaken'; readonly to: Claim }
  /** PostgreSQL first, and the record once its members have what was written before. */
  | { readonly kind: 'strengthen'; readonly to: Claim };

export interface SyncFacts {
  readonly recorded: Claim;
  /** What every commit waits for now, proven. */
  readonly enforced: Claim;
  /** What the include file says. */
  readonly configured: Claim;
  readonly step: SyncStep;
  /** Not streaming at this moment: it may be reconnecting after a restart of the primary. */
  readonly missing: readonly NodeId[];
}

export const configuredClaim = ({ configured }: PostgresView): Claim =>
  claimOf(configured.synchronous, configured.quorum);

export function syncFacts(facts: Facts): SyncFacts | undefined {
  const { hold, server, postgres, pgSettings, seen } = facts;
  if (hold?.state === undefined || server?.kind !== 'up' || server.inRecovery || postgres === undefined)
    return undefined;
  if (pgSettings === undefined || facts.memory.promotedToken !== hold.token) return undefined;
  const recorded = recordedClaim(hold.state, seen.me);
  const enforced = claimOf(server.waitsFor, server.waitsForAny);
  const configured = configuredClaim(postgres);
  const named = [...new Set([...configured.members, ...enforced.members, ...recorded.members])];
  const streams = (node: NodeId): boolean =>
    server.standbys.some((s) => s.node === node && s.state === 'streaming');
  const away = (node: NodeId): boolean =>
    !streams(node) &&
    seen.now > after(facts.memory.awaySince[node] ?? seen.now, 2 * seen.settings.timings.intervalMs);
  const unfit = (node: NodeId): boolean => isUnfit(facts, hold, node);
  const near = server.standbys.filter(
    (s) =>
      s.state === 'streaming' && s.flushedLsn !== undefined && server.flushedLsn - s.flushedLsn < nearBytes,
  );
  const ready = near
    .map((s) => s.node)
    .filter(
      (node) => node !== seen.me && !unfit(node) && isOfThisLine(facts, hold.state, node, server.timeline),
    );
  const kept = recorded.members.filter((node) => !unfit(node) && !away(node));
  const wanted = wantedClaim([...new Set([...kept, ...ready])], recorded, pgSettings);
  const missing = named.filter((node) => node !== seen.me && !streams(node));
  return { recorded, enforced, configured, missing, step: stepTo(recorded, wanted, pgSettings.mode) };
}

/**
 * Whether a standby says that its data is of the timeline written here. One that has diverged connects again and again, is told that its timeline ended, and for that
 * moment PostgreSQL shows it as streaming and takes the position of its own line for an acknowledgement (walsender.c: WalSndLoop, syncrep.c: SyncRepGetSyncRecPtr).
 */
function isOfThisLine(facts: Facts, state: HoldView['state'], node: NodeId, timeline: number): boolean {
  const it = memberOf(facts, node)?.postgres;
  if (it?.timeline !== timeline) return false;
  const made = state?.promotions.at(-1);
  return made?.timeline !== timeline || it.lineToken === undefined || it.lineToken === made.token;
}

/** Not to be waited for, whether it streams or not. */
function isUnfit(facts: Facts, hold: HoldView, name: NodeId): boolean {
  const node = nodeOf(facts, name);
  return (
    hold.state?.electorate.includes(name) !== true ||
    node?.role !== 'data' ||
    neverSynchronous(node) ||
    // What only a node that never leads has would be lost with the primary.
    (facts.pgSettings?.mode === 'quorum' && neverLeads(node)) ||
    maintenanceOf(facts, name) !== undefined ||
    hold.peers.some((peer) => peer.node === name && peer.missedRounds >= 2) ||
    (facts.pgSettings?.mode !== 'strict' &&
      recent(facts.memory.wentAway[name], facts.seen.now, unsteadyMs).length >= unsteadyTimes)
  );
}

function wantedClaim(members: readonly NodeId[], recorded: Claim, { mode, quorum }: PostgresSettings): Claim {
  if (mode === 'asynchronous') return alone;
  // With fewer than that there, each of them; with none, alone: as in mode synchronous.
  if (mode === 'quorum') return claimOf(members, quorum ?? 1);
  // Strict: with nobody to wait for, writes stop anyway; the record stays true as it is.
  return mode === 'strict' && members.length === 0 ? recorded : claimOf(members);
}

function stepTo(recorded: Claim, wanted: Claim, mode: ReplicationMode): SyncStep {
  if (sameClaim(recorded, wanted)) return { kind: 'none' };
  if (implies(recorded, wanted)) return { kind: 'weaken', to: wanted };
  if (implies(wanted, recorded)) return { kind: 'strengthen', to: wanted };
  // Strict never waits for fewer on the way.
  return mode === 'strict'
    ? { kind: 'strengthen', to: strongest(recorded, wanted) }
    : { kind: 'weaken', to: weakest(recorded, wanted) };
}
