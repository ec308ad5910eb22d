import { after, type NodeId } from '../../brands.ts';
import { successors } from '../candidacy.ts';
import { type Facts, isBusy, memberOf } from '../facts.ts';
import type { Intention } from '../intention.ts';
import { maintenanceText, ownMaintenance } from '../maintenance.ts';
import type { Handover } from '../memory.ts';
import { leftHigh, leftResources, leftServing } from '../role-resources.ts';
import type { Match } from '../rule.ts';
import { mayCheckpoint, takeBack } from './handover-end.ts';
import { prepareMs } from './handover-limits.ts';
import { getReady } from './handover-ready.ts';
import { confirm, stopDatabase } from './handover-stop.ts';

/** What speaks against a switchover now; also printed by `hamnctl switchover --dry-run`. */
export function againstSwitchover(facts: Facts, to: NodeId | undefined): string | undefined {
  if (!facts.writable && facts.pgSettings !== undefined) return 'The primary’s database is not writable now.';
  const maintenance = ownMaintenance(facts);
  if (maintenance !== undefined)
    return `${maintenanceText(maintenance)} hamn does not stop PostgreSQL there; end that first with hamnctl pg maintenance off ${facts.seen.me}.`;
  if (facts.paused && to === undefined)
    return 'hamn is paused: say which node is to be primary (--to NODE), or end the pause first (hamnctl resume).';
  const able = successors(facts);
  if (to === undefined) {
    return able.length > 0
      ? undefined
      : 'No other node can take over now; hamnctl explain says for each why.';
  }
  if (able.includes(to)) return undefined;
  if (to === facts.seen.me) return `${to} is primary already.`;
  const member = memberOf(facts, to);
  if (member === undefined) return `${to} is not known or does not report; is hamnd running on it?`;
  if (member.candidacy?.eligible === true)
    return `${to} cannot take over now: ${againstSuccessor(facts, to)}`;
  return `${to} cannot take over now: ${member.candidacy?.reasons.join(' ') ?? 'it does not say why.'}`;
}

/** What the primary knows against a node that holds itself to be able. */
const againstSuccessor = (facts: Facts, to: NodeId): string =>
  facts.hold?.peers.some((peer) => peer.node === to && peer.missedRounds < 2) === true
    ? 'it is not in the synchronous set, so it may lack acknowledged writes.'
    : 'it has not answered the last two rounds of promises.';

/** A switchover, or a failover that is asked for while the primary lives: the same clean hand-over. */
export function startHandover(facts: Facts): Match | undefined {
  const { hold, request, seen } = facts;
  if (hold === undefined || request === undefined || request.kind === 'reinit' || request.kind === 'restart')
    return undefined;
  if (request.token !== hold.token || request.id === facts.memory.ended?.id) return undefined;
  const against = againstSwitchover(facts, request.to);
  if (against !== undefined) {
    return {
      because: against,
      intentions: [{ kind: 'request.finish', id: request.id, outcome: 'refused', message: against }],
    };
  }
  const to = request.to ?? successors(facts)[0];
  if (to === undefined) return undefined;
  const because = `${request.by} asked for a switchover to ${to}.`;
  const handover: Handover = { id: request.id, to, since: seen.now, reason: because, stoppedAt: undefined };
  return { because, memory: { handover } };
}

/** hamnd is asked to stop: the role goes to the best other node, or is put down cleanly. */
export function leave(facts: Facts): Match | undefined {
  const { hold, memory, seen } = facts;
  if (hold === undefined || memory.leaving === undefined || memory.handover !== undefined) return undefined;
  const to = facts.paused ? seen.me : (successors(facts)[0] ?? seen.me);
  const handover: Handover = {
    id: 'leaving',
    to,
    since: seen.now,
    reason: memory.leaving,
    stoppedAt: undefined,
  };
  return { because: `${memory.leaving} The role goes to ${to}.`, memory: { handover } };
}

export function continueHandover(facts: Facts): Match | undefined {
  const { hold, memory } = facts;
  if (hold === undefined || memory.handover === undefined) return undefined;
  const waits = getReady(facts, memory.handover);
  if (waits !== undefined) return waits;
  const handover = { ...memory.handover, readyAt: memory.handover.readyAt ?? facts.seen.now };
  const match = stopAll(facts, handover);
  return { ...match, memory: { handover, ...match.memory } };
}

/** What serves, then the database and the VIPs with it, then what these lie on, then the term. The resources’ own rule stops what is to stop. */
function stopAll(facts: Facts, handover: Handover): Match {
  const { seen } = facts;
  const serving = leftServing(facts).map((one) => one.name);
  if (serving.length > 0) {
    if (seen.now > after(handover.since, prepareMs))
      return takeBack(facts, handover, `${serving.join(', ')} did not stop in time.`);
    return {
      because: `Hand-over to ${handover.to}: ${serving.join(', ')} stops.`,
      intentions: secondCheckpoint(facts, handover),
    };
  }
  const vips: readonly Intention[] = seen.settings.vips
    .filter((vip) => facts.vips?.some((view) => view.address === vip.address && view.present) === true)
    .map((vip) => ({ kind: 'vip.remove', vip, reason: 'the role is handed over' }));
  if (facts.pgSettings !== undefined && facts.server?.kind !== 'down')
    return stopDatabase(facts, handover, vips);
  if (vips.length > 0)
    return { because: `Hand-over to ${handover.to}: the VIPs are removed.`, intentions: vips };
  const storage = [...leftResources(facts), ...leftHigh(facts)].map((one) => one.name);
  if (storage.length > 0) {
    if (seen.now > after(handover.since, 2 * prepareMs))
      return takeBack(facts, handover, `${storage.join(', ')} did not stop in time.`);
    return { because: `Hand-over to ${handover.to}: ${storage.join(', ')} stops.` };
  }
  return confirm(facts, handover);
}

/** What serves may take long to stop, and clients write meanwhile. */
function secondCheckpoint(facts: Facts, handover: Handover): readonly Intention[] {
  const since = handover.readyAt ?? handover.since;
  const last = facts.seen.finished.get('postgres.checkpoint');
  const isDone = last !== undefined && last.begunAt >= since;
  if (facts.hold === undefined || !mayCheckpoint(facts, handover)) return [];
  if (isDone || isBusy(facts, 'postgres.checkpoint')) return [];
  return [{ kind: 'postgres.checkpoint', token: facts.hold.token }];
}
