import { after, type NodeId, timelineId } from '../../brands.ts';
import { recordedClaim, withoutMembers, withRecord } from '../../claim.ts';
import type { Promotion } from '../../group/values.ts';
import { unitTaken, viewsOf } from '../../resources/unit-choice.ts';
import { type Facts, isBusy, nodeOf, otherDataNodes } from '../facts.ts';
import type { Match, Rule } from '../rule.ts';

/** A holder's housekeeping in etcd and beside. */

/** Members silent for this many terms leave the electorate, so that promises are complete without them. */
const silentTerms = 10;
const keptPromotions = 20;

function recordPromotion(facts: Facts): Match | undefined {
  const { hold, server, seen } = facts;
  if (hold?.state === undefined || server?.kind !== 'up' || server.inRecovery) return undefined;
  const last = hold.state.promotions.at(-1);
  // A term can see two promotions: hamnd and the database died together, and the server came back as a standby first.
  // The action's own word, which tells where the timeline was left, is waited for.
  if (isBusy(facts, 'postgres.role')) return undefined;
  if (last?.token === hold.token && last.timeline === server.timeline) return undefined;
  const promoted = seen.finished.get('postgres.role');
  // Without the action's own word (hamnd restarted meanwhile) the switch is taken as the last one known: a rewind then decides.
  const switchLsn =
    promoted?.code === 'promoted' && promoted.begunAt >= hold.since
      ? String(promoted.data['switchLsn'])
      : (last?.switchLsn ?? '0/0');
  const promotion: Promotion = {
    token: hold.token,
    node: seen.me,
    timeline: timelineId(server.timeline),
    switchLsn,
  };
  const promotions = [...hold.state.promotions, promotion].slice(-keptPromotions);
  const systemId = hold.state.systemId ?? server.systemId;
  const next = { ...hold.state, promotions, systemId };
  const reason = `The promotion to timeline ${server.timeline} at ${switchLsn} is recorded.`;
  return { because: reason, intentions: [{ kind: 'write-state', token: hold.token, next, reason }] };
}

function dropElectors(facts: Facts): Match | undefined {
  const { hold, seen } = facts;
  if (hold?.state === undefined) return undefined;
  const silent = (node: NodeId): boolean =>
    hold.peers.some(
      (peer) => peer.node === node && peer.missedRounds > 1 && peer.silentMs > silentTerms * hold.termMs,
    );
  const gone = hold.state.electorate.filter(
    (node) => node !== seen.me && (silent(node) || nodeOf(facts, node)?.role !== 'data'),
  );
  if (gone.length === 0) return undefined;
  const electorate = hold.state.electorate.filter((node) => !gone.includes(node));
  const record = withoutMembers(recordedClaim(hold.state, seen.me), gone);
  const next = withRecord({ ...hold.state, electorate }, seen.me, record);
  const reason = `${gone.join(', ')} leaves the electorate: silent for ${silentTerms} terms, or no data node.`;
  return { because: reason, intentions: [{ kind: 'write-state', token: hold.token, next, reason }] };
}

function addElectors(facts: Facts): Match | undefined {
  const { hold } = facts;
  if (hold?.state === undefined) return undefined;
  const { electorate } = hold.state;
  const wanted = otherDataNodes(facts)
    .filter((node) => !electorate.includes(node.name))
    .map((node) => node.name);
  if (wanted.length === 0) return undefined;
  const promising = wanted.filter((node) => hold.peers.some((peer) => peer.node === node && peer.promising));
  if (promising.length === 0) {
    const because = `${wanted.join(', ')} is asked for promises before it becomes an elector.`;
    return { because, intentions: [{ kind: 'invite', token: hold.token, nodes: wanted }] };
  }
  const next = { ...hold.state, electorate: [...electorate, ...promising] };
  const reason = `${promising.join(', ')} has promised and joins the electorate.`;
  return {
    because: reason,
    intentions: [
      { kind: 'invite', token: hold.token, nodes: wanted },
      { kind: 'write-state', token: hold.token, next, reason },
    ],
  };
}

function moveEtcdLeader(facts: Facts): Match | undefined {
  const { hold, seen, memory } = facts;
  const leader = seen.ports.etcdLeader.known ? seen.ports.etcdLeader.value : undefined;
  if (hold === undefined || leader?.onThisNode !== true) return undefined;
  const isWitness = (name: string): boolean =>
    seen.settings.nodes.some((node) => node.role === 'witness' && node.name === name);
  const to = leader.others.find((other) => isWitness(other.node)) ?? leader.others[0];
  if (to === undefined || isBusy(facts, 'etcd.move-leader')) return undefined;
  if (memory.leaderMovedAt !== undefined && seen.now < after(memory.leaderMovedAt, 5000)) return undefined;
  const because = `etcd is led from this node; the leadership goes to ${to.node}, so that losing the primary costs no etcd election.`;
  return {
    because,
    memory: { leaderMovedAt: seen.now },
    intentions: [{ kind: 'etcd.move-leader', token: hold.token, memberId: to.memberId, node: to.node }],
  };
}

/** Ends requests that nobody will carry out: made under another term, or too old. */
function endRequests(facts: Facts): Match | undefined {
  const { request, memory, group, hold, seen } = facts;
  if (request === undefined || group?.leader.kind !== 'present') return undefined;
  const mod = Number(group.leader.mod);
  // Its end was decided here; whether that was written is not known before the key is gone.
  if (memory.ended?.id === request.id) {
    const { message } = memory.ended;
    const again = { kind: 'request.finish', id: request.id, outcome: 'refused', message } as const;
    return isBusy(facts, 'request.finish') ? undefined : { because: message, intentions: [again] };
  }
  const finish = (outcome: 'done' | 'expired', message: string): Match => ({
    because: message,
    intentions: [{ kind: 'request.finish', id: request.id, outcome, message }],
  });
  if (hold !== undefined && mod === hold.token && request.kind !== 'reinit' && request.token !== mod) {
    const isDone = request.kind !== 'restart' && (request.to === undefined || request.to === seen.me);
    const message = isDone
      ? `${seen.me} is primary now.`
      : `It was made under another term; ${seen.me} holds the term now.`;
    return finish(isDone ? 'done' : 'expired', message);
  }
  if (memory.request?.id !== request.id)
    return {
      because: `A request: ${request.kind}.`,
      memory: { request: { id: request.id, seenAt: seen.now } },
    };
  // A clone may take hours: only the node that does it knows whether it goes on.
  if (request.kind === 'reinit' && (request.to !== seen.me || isBusy(facts, 'postgres.role')))
    return undefined;
  const lifeMs = Math.max(0, request.expiresWallMs - request.madeWallMs);
  if (seen.now > after(memory.request.seenAt, lifeMs) && memory.handover === undefined) {
    return finish('expired', `Nobody could carry it out within ${lifeMs} ms.`);
  }
  return undefined;
}

const settingsRetryMs = 10_000;

/** The settings that hamn's file carries: of the cluster, and what a standby needs as high as its primary had it. */
function postgresSettings(facts: Facts): Match | undefined {
  const { postgres, server, seen } = facts;
  if (server?.kind !== 'up' || postgres?.configured.outdated !== true) return undefined;
  if (isBusy(facts, 'postgres.role') || isBusy(facts, 'postgres.settings')) return undefined;
  const last = seen.finished.get('postgres.settings');
  if (last !== undefined && seen.now < after(last.at, settingsRetryMs))
    return last.ok ? undefined : { because: `PostgreSQL’s settings: ${last.message}` };
  const because = 'hamn.conf is brought up to date, and PostgreSQL reads its files again.';
  return { because, intentions: [{ kind: 'postgres.settings', reason: because }] };
}

function ownUnits(facts: Facts): Match | undefined {
  const { units, seen, pgSettings } = facts;
  if (!seen.local.managed || facts.self?.role !== 'data') return undefined;
  const wanted = [
    ...(pgSettings === undefined ? [] : [pgSettings.unit]),
    ...seen.settings.resources.flatMap(({ what }) =>
      what.kind === 'unit' ? (unitTaken(viewsOf(what, units) ?? [])?.unit ?? []) : [],
    ),
  ];
  // The upgrade of a unit's package may enable it again at any time.
  const notOwned = wanted.filter((name) => {
    const unit = units.get(name);
    return unit?.loaded === true && (unit.enabled || seen.finished.get(`unit.own ${name}`)?.ok !== true);
  });
  const due = notOwned.filter((unit) => {
    const last = seen.finished.get(`unit.own ${unit}`);
    return last === undefined || seen.now > after(last.at, 10_000);
  });
  if (due.length === 0) return undefined;
  return {
    because: `${due.join(', ')} must not start at boot or restart by itself.`,
    intentions: due.map((unit) => ({ kind: 'unit.own', unit }) as const),
  };
}

export const upkeepRules: readonly Rule[] = [
  {
    id: 'record-promotion',
    band: 'upkeep',
    because: 'Each promotion is recorded with its token, timeline and switch LSN.',
    when: recordPromotion,
  },
  {
    id: 'drop-electors',
    band: 'upkeep',
    because: 'A member that has been silent for ten terms leaves the electorate.',
    when: dropElectors,
  },
  {
    id: 'add-electors',
    band: 'upkeep',
    because: 'A data node joins the electorate after it has promised.',
    when: addElectors,
  },
  {
    id: 'etcd-leadership',
    band: 'upkeep',
    because: 'etcd’s leadership is kept off the primary’s host.',
    when: moveEtcdLeader,
  },
  {
    id: 'requests',
    band: 'upkeep',
    because: 'A request that is void or too old is ended, with the reason.',
    when: endRequests,
  },
  {
    id: 'postgres-settings',
    band: 'upkeep',
    because:
      'hamn.conf carries the cluster’s settings of PostgreSQL on every node; they are read without a restart.',
    when: postgresSettings,
  },
  { id: 'own-units', band: 'upkeep', because: 'The role’s units start by hamn only.', when: ownUnits },
];
