import { after, type Lsn, type NodeId } from '../../brands.ts';
import { lagBytes, parseLsn } from '../../lsn.ts';
import { formatBytes } from '../../quantity.ts';
import { defaultSlotAbsenceMs, defaultSlotFreeBytes, type SlotChange, slotName } from '../../slots.ts';
import { type Facts, isBusy, isCandidate, memberOf, otherDataNodes } from '../facts.ts';
import type { Match, Rule } from '../rule.ts';

/**
 * Replication slots. The primary keeps one for each other data node. So does every standby that may become primary: nobody uses those, so they are moved on by hand, to
 * what that node is known to have, and never past this server's own last restartpoint: the WAL behind that is kept for its own recovery anyway, and after a failover it
 * is what a node needs that follows, and what a rewind needs to find the place where histories parted.
 */

const retryMs = 5000;
const settleMs = 1000;
/** How often a standby's slots are moved on. */
const advanceEveryMs = 10_000;

type UpServer = Extract<NonNullable<Facts['server']>, { kind: 'up' }>;

/** hamnd answers on it and its database is not stopped; a node that is being cloned is not away. */
function isHere(facts: Facts, node: NodeId): boolean {
  const { server, group } = facts;
  if (server?.kind === 'up' && server.standbys.some((standby) => standby.node === node)) return true;
  const member = memberOf(facts, node);
  // What cannot be read was written by somebody who is there.
  if (member === undefined) return group?.members.get(node)?.kind === 'unreadable';
  return member.postgres?.state !== 'down';
}

function watchAbsence(facts: Facts): Match | undefined {
  const { server, group, seen, memory } = facts;
  if (group === undefined || server?.kind !== 'up') return undefined;
  const away = otherDataNodes(facts)
    .map(({ name }) => name)
    .filter((node) => !isHere(facts, node));
  const next = away.map((node) => {
    const before = memory.slotsAway[node];
    const since = before?.since ?? seen.now;
    return [node, { since, givenUp: before?.givenUp ?? whyGivenUp(facts, server, node, since) }] as const;
  });
  const isSame =
    next.length === Object.keys(memory.slotsAway).length &&
    next.every(([node, { givenUp }]) => {
      const before = memory.slotsAway[node];
      return before !== undefined && before.givenUp === givenUp;
    });
  if (isSame) return undefined;
  const reasons = next.map(([node, { givenUp }]) => givenUp ?? `${node} is away; its slot waits for it.`);
  const because = reasons.length === 0 ? 'No data node is away.' : reasons.join(' ');
  return { because, memory: { slotsAway: Object.fromEntries(next) } };
}

/** A sentence; undefined while the slot of this absent node is still worth its WAL. */
function whyGivenUp(
  facts: Facts,
  server: UpServer,
  node: NodeId,
  since: Facts['seen']['now'],
): string | undefined {
  const slot = server.slots.find(({ name }) => name === slotName(node));
  const absenceMs = facts.pgSettings?.slotAbsenceMs ?? defaultSlotAbsenceMs;
  if (facts.seen.now > after(since, absenceMs))
    return `${node} has been away for longer than slotAbsence: its replication slot is given up.`;
  if (slot === undefined || slot.active) return undefined;
  if (slot.lost)
    return `${node} is away, and the WAL that its replication slot kept is gone (max_slot_wal_keep_size): the slot is given up.`;
  const tight = tightSpace(facts);
  if (tight === undefined || !holdsBack(server, slot.restartLsn)) return undefined;
  return `${tight}: the replication slot of ${node}, which is away, is given up; it kept ${formatBytes(lagBytes(server.flushedLsn, slot.restartLsn ?? server.flushedLsn))} of WAL.`;
}

/** A phrase, when the file system of pg_wal is nearly full. */
function tightSpace({ postgres, pgSettings }: Facts): string | undefined {
  const free = postgres?.statistics?.walDisk?.freeBytes;
  const limit = pgSettings?.slotFreeBytes ?? defaultSlotFreeBytes;
  if (free === undefined || free >= limit) return undefined;
  return `Only ${formatBytes(free)} are free where pg_wal is (slotFree is ${formatBytes(limit)})`;
}

/** It keeps more than the server would keep without it. */
const holdsBack = (server: UpServer, restart: Lsn | undefined): boolean =>
  restart !== undefined && server.redoLsn !== undefined && restart < server.redoLsn;

interface Wanted {
  readonly changes: readonly SlotChange[];
  readonly because: string;
}

function wantedChanges(facts: Facts, server: UpServer): Wanted | undefined {
  const changes: SlotChange[] = [];
  const reasons: string[] = [];
  const others = otherDataNodes(facts).map(({ name }) => name);
  const want = (change: SlotChange, reason: string): void => {
    changes.push(change);
    reasons.push(reason);
  };
  for (const node of others) {
    const slot = slotName(node);
    const view = server.slots.find(({ name }) => name === slot);
    const givenUp = facts.memory.slotsAway[node]?.givenUp;
    if (givenUp !== undefined) {
      if (view?.active === false) want({ do: 'drop', slot, inUse: false }, givenUp);
    } else if (view === undefined) want({ do: 'make', slot }, `${node} gets a replication slot.`);
    else if (!view.active && isHere(facts, node)) {
      const why = whyRenewed(facts, server, node, view);
      if (why !== undefined) want({ do: 'renew', slot }, why);
    }
  }
  const known = others.map(slotName);
  for (const { name } of server.slots)
    if (!known.includes(name))
      want(
        { do: 'drop', slot: name, inUse: true },
        `${name} is the replication slot of no other data node: it is dropped.`,
      );
  return changes.length === 0 ? undefined : { changes, because: reasons.join(' ') };
}

function whyRenewed(
  facts: Facts,
  server: UpServer,
  node: NodeId,
  slot: UpServer['slots'][number],
): string | undefined {
  if (slot.lost || slot.restartLsn === undefined)
    return `The WAL that the replication slot of ${node} kept is gone: the slot is made anew.`;
  const tight = tightSpace(facts);
  if (tight !== undefined && holdsBack(server, slot.restartLsn))
    return `${tight}: the replication slot of ${node}, which does not use it, is made anew.`;
  return undefined;
}

/** Where a node is for certain, when it is on the history that this server streams. */
function positionOf(facts: Facts, server: UpServer, node: NodeId): Lsn | undefined {
  const { leader } = facts;
  const it = memberOf(facts, node)?.postgres;
  const isHolder = leader?.kind === 'held' && leader.holder === node && it?.state === 'primary';
  if ((server.inRecovery && !server.streaming) || it === undefined || it.timeline !== server.timeline)
    return undefined;
  if (!isHolder && it.streaming !== true) return undefined;
  const at = parseLsn(it.lsn ?? '');
  return at.ok ? at.value : undefined;
}

/** On a standby nobody moves a slot on but hamn; nor on the primary that of a node which receives from a standby. */
function wantedMoves(facts: Facts, server: UpServer): readonly SlotChange[] {
  return otherDataNodes(facts).flatMap(({ name: node }): readonly SlotChange[] => {
    const slot = slotName(node);
    const view = server.slots.find(({ name }) => name === slot);
    const at = positionOf(facts, server, node);
    if (view?.restartLsn === undefined || view.active || view.lost || at === undefined) return [];
    // Left by a term of this node's own, ahead of what that node has, it would protect nothing; or that node used it, and its word is older. Anew it begins at the restartpoint.
    if (view.restartLsn > at) {
      const keepsMore = server.redoLsn !== undefined && server.redoLsn < view.restartLsn;
      return server.inRecovery && keepsMore ? [{ do: 'renew', slot }] : [];
    }
    const to = server.redoLsn === undefined || at < server.redoLsn ? at : server.redoLsn;
    return to > view.restartLsn ? [{ do: 'advance', slot, to }] : [];
  });
}

/** Since the last change of the slots; the observation that follows a change must show it first. */
function isSettled(facts: Facts, sinceMs: number): boolean {
  const last = facts.seen.finished.get('postgres.slots');
  if (isBusy(facts, 'postgres.slots')) return false;
  return last === undefined || facts.seen.now >= after(last.at, last.ok ? sinceMs : retryMs);
}

function primarySlots(facts: Facts): Match | undefined {
  const { hold, server, memory } = facts;
  if (hold === undefined || server?.kind !== 'up' || server.inRecovery || memory.promotedToken !== hold.token)
    return undefined;
  const wanted = isBusy(facts, 'postgres.slots') ? undefined : wantedChanges(facts, server);
  if (wanted === undefined) return moveOn(facts, server, hold.token);
  const last = facts.seen.finished.get('postgres.slots');
  if (!isSettled(facts, settleMs))
    return last?.ok === false ? { because: `Slots: ${last.message}` } : undefined;
  const { changes, because } = wanted;
  return { because, intentions: [{ kind: 'postgres.slots', token: hold.token, changes, reason: because }] };
}

/** A node that receives from a standby may have to come back to the primary: it finds its WAL, and no more than it lacks is kept for it. */
function moveOn(facts: Facts, server: UpServer, token: number): Match | undefined {
  const changes = isSettled(facts, advanceEveryMs) ? wantedMoves(facts, server) : [];
  if (changes.length === 0) return undefined;
  const because = 'The slots of nodes that receive from a standby are moved on to what those have.';
  return { because, intentions: [{ kind: 'postgres.slots', token, changes, reason: '' }] };
}

function standbySlots(facts: Facts): Match | undefined {
  const { server, self } = facts;
  if (!isCandidate(facts) || server?.kind !== 'up' || !server.inRecovery || self?.role !== 'data')
    return undefined;
  if (facts.group === undefined || !isSettled(facts, settleMs)) return undefined;
  const wanted = wantedChanges(facts, server);
  if (wanted !== undefined) {
    const { changes, because } = wanted;
    return { because, intentions: [{ kind: 'postgres.standby-slots', changes, reason: because }] };
  }
  const moves = isSettled(facts, advanceEveryMs) ? wantedMoves(facts, server) : [];
  if (moves.length === 0) return undefined;
  const because = 'The slots of this standby are moved on to what the other nodes have.';
  return { because, intentions: [{ kind: 'postgres.standby-slots', changes: moves, reason: '' }] };
}

export const slotRules: readonly Rule[] = [
  {
    id: 'slot-absence',
    band: 'upkeep',
    because:
      'A node that stays away loses its replication slot: after slotAbsence, or sooner when the disk of the WAL fills.',
    when: watchAbsence,
  },
  {
    id: 'slots',
    band: 'upkeep',
    because: 'Every other data node has a replication slot on the primary.',
    when: primarySlots,
  },
  {
    id: 'standby-slots',
    band: 'upkeep',
    because:
      'A standby keeps slots for the other data nodes, too, and moves them on, so that after a failover they find their WAL.',
    when: standbySlots,
  },
];
