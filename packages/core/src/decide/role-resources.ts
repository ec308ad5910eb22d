import type { ResourceWishValue } from '../group/resource-wish-value.ts';
import { presentValue } from '../group/view.ts';
import { known, type Reading, unknown } from '../reading.ts';
import { noFailures } from '../resources/failures.ts';
import { type ResourceGraph, type ResourceNode, resourceGraph } from '../resources/graph.ts';
import { saysPrimary } from '../resources/kinds/template.ts';
import { cleanedUp, isGood, type ResourcesMemory, toRunAgain } from '../resources/memory.ts';
import { planResources, type ResourceIntention, type ResourcePlan } from '../resources/plan.ts';
import { unprotected } from '../resources/protection.ts';
import { isOptional, type ResourceSettings } from '../resources/resource.ts';
import { isLeft, type Standing, waitsFor } from '../resources/standing.ts';
import { type ResourceLook, type ResourceSeen, unseen } from '../resources/states.ts';
import { absentText, isUp, unitTaken, viewsOf } from '../resources/unit-choice.ts';
import { type WantedRole, wantOf } from '../resources/wants.ts';
import type { UnitView } from '../unit-view.ts';
import { type Facts, memberOf } from './facts.ts';
import type { Memory } from './memory.ts';
import { getReady } from './rules/handover-ready.ts';

/**
 * The group's resources in a tick. The VIPs and the database have rules of their own: the plan sees them, so that others can wait for them, and
 * its wishes for them are dropped.
 */

const noGraph: ResourceGraph = { nodes: [], byName: new Map() };
const graphs = new WeakMap<readonly ResourceSettings[], ResourceGraph>();

/** Made once for each list. The settings were checked: a list without an order has no resources here. */
export function graphOf(resources: readonly ResourceSettings[]): ResourceGraph {
  const before = graphs.get(resources);
  if (before !== undefined) return before;
  const made = resourceGraph(resources);
  const graph = made.ok ? made.value : noGraph;
  graphs.set(resources, graph);
  return graph;
}

/** It has rules and a port of its own. */
export const hasOwnRules = ({ what }: ResourceSettings): boolean =>
  what.kind === 'vip' || what.kind === 'postgres';

const plans = new WeakMap<Facts, ResourcePlan>();

/** What is to be done about the resources in this tick; undefined on a node that runs none. */
export function resourcePlan(facts: Facts): ResourcePlan | undefined {
  const { seen, self, memory } = facts;
  if (self?.role !== 'data' || seen.settings.resources.length === 0) return undefined;
  const before = plans.get(facts);
  if (before !== undefined) return before;
  const graph = graphOf(seen.settings.resources);
  const wanted = wantedRole(facts);
  const views = new Map(graph.nodes.map((node) => [node.settings.name, viewOf(facts, node, wanted)]));
  const remembered = asWished(facts, believed(graph, memory.resources));
  const plan = planResources(graph, wanted, views, remembered, seen.now);
  plans.set(facts, plan);
  return plan;
}

function wantedRole(facts: Facts): WantedRole {
  const { hold, memory } = facts;
  const { handover } = memory;
  return {
    role: hold === undefined ? 'standby' : 'primary',
    term: hold?.token,
    drain: hold !== undefined && handover !== undefined && getReady(facts, handover) === undefined,
    maintenance: facts.unmanaged,
    harmlessAt: facts.guard?.lastAct?.verified === true ? facts.guard.lastAct.at : undefined,
    ahead: aheadOfUs(facts),
    unprotected: unprotected(
      facts.seen.settings.fencing?.mode ?? 'none',
      facts.guard?.watchdog,
      facts.seen.settings.timings.termMs,
    ),
  };
}

/** By the holder's own word: from its mere life it would not follow that it writes. */
function aheadOfUs(facts: Facts): ReadonlySet<string> {
  const { hold, leader, seen } = facts;
  if (hold !== undefined || leader?.kind !== 'held' || leader.holder === seen.me) return new Set();
  const told = memberOf(facts, leader.holder)?.services ?? [];
  return new Set(told.filter(({ ahead }) => ahead === true).map(({ name }) => name));
}

/** Mirrored data worth the role that this node could not promote: sentences. */
export function staleCopies({ memory, seen }: Facts): readonly string[] {
  return seen.settings.resources
    .filter((resource) => !isOptional(resource) && memory.resources.get(resource.name)?.copy === 'stale')
    .map(
      ({ name }) =>
        `Its copy of ${name} lacks what was written elsewhere, so it cannot be promoted: ${memory.resources.get(name)?.reason ?? ''}`,
    );
}

/** How often the VIPs and the database failed is counted elsewhere. */
const believed = ({ nodes }: ResourceGraph, memory: ResourcesMemory): ResourcesMemory =>
  new Map(
    [...memory].map(([name, one]) => {
      const own = nodes.some(({ settings }) => settings.name === name && hasOwnRules(settings));
      return [name, own ? { ...one, failures: noFailures } : one];
    }),
  );

/** The wish that this tick follows, as it is remembered afterwards. */
export function wishOf({ group, memory }: Facts): string | undefined {
  if (group === undefined) return memory.resourceWish;
  return presentValue(group.resourceWish)?.id ?? '';
}

/** A cleanup lets the role move again for what it names, or for all. */
export function movesAgain(facts: Facts): Partial<Memory> {
  const { staysUntil } = facts.memory;
  const wish = newWish(facts);
  if (staysUntil === undefined || wish?.what !== 'cleanup') return {};
  const left = Object.entries(staysUntil).filter(
    ([name]) => wish.resource !== undefined && name !== wish.resource,
  );
  return { staysUntil: Object.fromEntries(left) };
}

/** What was wished before this process began was followed, or is over. */
function newWish({ group, memory }: Facts): ResourceWishValue | undefined {
  const wish = group === undefined ? undefined : presentValue(group.resourceWish);
  return memory.resourceWish === undefined || wish?.id === memory.resourceWish ? undefined : wish;
}

function asWished(facts: Facts, resources: ResourcesMemory): ResourcesMemory {
  const wish = newWish(facts);
  if (wish === undefined) return resources;
  if (wish.what === 'cleanup') return cleanedUp(resources, wish.resource);
  return facts.hold === undefined ? resources : toRunAgain(resources, wish.resource);
}

/** A new term is a new chance: what failed for good under the last one is tried again. */
export function withNewChance(
  settings: readonly ResourceSettings[],
  memory: ResourcesMemory,
): ResourcesMemory {
  if (![...memory.values()].some(({ failures }) => failures.times.length > 0)) return memory;
  const { byName } = graphOf(settings);
  return new Map(
    [...memory].map(([name, one]) =>
      byName.get(name)?.settings.runs === 'primary' ? [name, { ...one, failures: noFailures }] : [name, one],
    ),
  );
}

function viewOf(facts: Facts, node: ResourceNode, wanted: WantedRole): ResourceSeen {
  const { settings } = node;
  const own = facts.seen.resources.get(settings.name) ?? unseen;
  const { now } = facts.seen;
  switch (settings.what.kind) {
    case 'vip':
      return { ...unseen, look: { at: now, found: vipLook(facts, settings.what.address) } };
    case 'postgres':
      return { ...unseen, look: { at: now, found: databaseLook(facts) } };
    case 'unit': {
      const views = viewsOf(settings.what, facts.units);
      const found = views === undefined ? undefined : unitLook(facts, node, views, wanted);
      if (found !== undefined) return { ...own, look: { at: now, found } };
      return settings.what.ask === 'xcatd' ? excused(facts, own) : own;
    }
    default:
      return own;
  }
}

type Look = Reading<ResourceLook> | undefined;

const sure = (level: ResourceLook['level'], reason?: string): Reading<ResourceLook> =>
  known({ level, sure: true, reason });

function vipLook({ vips }: Facts, address: string): Reading<ResourceLook> {
  if (vips === undefined) return unknown('The kernel has not answered.');
  const isHere = vips.some((view) => view.address === address && view.present);
  return sure(isHere ? 'running' : 'stopped');
}

/** Promoted: under the term that is held now. */
function databaseLook({ hold, memory, writable, server }: Facts): Reading<ResourceLook> {
  if (server === undefined) return unknown('PostgreSQL has not answered.');
  if (writable)
    return sure(hold !== undefined && memory.promotedToken === hold.token ? 'promoted' : 'running');
  return sure(server.kind === 'up' ? 'running' : 'stopped');
}

/** xcatd reads its database for every answer: while that is away, a silent xcatd is not xcatd’s failure, and a restart would not end it. */
function excused({ seen, memory, hold, writable }: Facts, own: ResourceSeen): ResourceSeen {
  const { look } = own;
  if (seen.settings.postgres === undefined || look === undefined) return own;
  const isWell = writable && hold !== undefined && memory.promotedToken === hold.token;
  const isBad = !look.found.known || look.found.value.level === 'failed';
  if (isWell || !isBad) return own;
  const reason = 'The database does not answer, so it cannot be told whether xcatd does: it is left alone.';
  return { ...own, look: { at: look.at, found: known({ level: 'running', sure: false, reason }) } };
}

/**
 * systemd’s word comes with each tick and cannot lie. Whether what runs answers, too, only a look of its own can tell. A unit that is on its way up
 * where it is to run has not come up yet: to start it once more is to wait for it.
 */
function unitLook(facts: Facts, node: ResourceNode, views: readonly UnitView[], wanted: WantedRole): Look {
  const { monitor, name, what } = node.settings;
  const unit = unitTaken(views);
  if (unit === undefined) {
    const reason = what.kind === 'unit' ? absentText(what) : undefined;
    return known({ level: 'stopped', sure: true, reason, absent: true });
  }
  if (!isUp(unit)) {
    const why = unit.active === 'failed' ? `${unit.unit} has failed (${unit.result}).` : undefined;
    return sure('stopped', why);
  }
  if (wantOf(node, wanted) === 'stopped') return sure('running');
  if (unit.active !== 'active' && unit.active !== 'reloading') {
    const before = facts.memory.resources.get(name);
    // Somebody restarts it, as makedhcp does: whether it comes back is seen by the next look of its own. What dies has no job.
    const isRestarted = unit.hasJob === true || monitor.depth === 'deep';
    if (before !== undefined && isGood(before.level) && isRestarted) return undefined;
    const isLate = before?.lateStart !== undefined;
    const reason = `${unit.unit} is ${unit.active}.`;
    return isLate ? unknown(reason) : sure('stopped', reason);
  }
  return monitor.depth === 'deep' ? undefined : sure('running');
}

const isActive = (one: Standing): boolean => !hasOwnRules(one.node.settings);

/** The plan's wishes, without those for what has rules of its own. */
export function resourceIntentions(facts: Facts): readonly ResourceIntention[] {
  const plan = resourcePlan(facts);
  if (plan === undefined) return [];
  return plan.intentions.filter(({ name }) => {
    const one = plan.standings.get(name);
    return one !== undefined && isActive(one);
  });
}

/** What the order says of a VIP on the holder. Where nothing is said of it, it serves. */
export type VipTurn =
  | { readonly kind: 'serve' }
  /** What it comes after is not well yet. */
  | { readonly kind: 'wait' }
  /** What it works on has failed, and nothing else is on it any more. */
  | { readonly kind: 'stop'; readonly reason: string };

export function vipTurn(facts: Facts, address: string): VipTurn {
  const plan = resourcePlan(facts);
  const one = [...(plan?.standings.values() ?? [])].find(
    ({ node: { settings } }) => settings.what.kind === 'vip' && settings.what.address === address,
  );
  if (plan === undefined || one === undefined) return { kind: 'serve' };
  for (const wish of plan.intentions)
    if (wish.name === one.name && wish.kind === 'resource.act' && wish.act === 'stop')
      return { kind: 'stop', reason: wish.reason };
  const isWaiting = one.heldBy !== undefined || waitsFor(one, plan.standings).length > 0;
  return { kind: isWaiting ? 'wait' : 'serve' };
}

/** Looks that are due. They change nothing, and what the rules do next may depend on them. What a tick tells of a unit is a look, so that few need one. */
export const resourceLooks = (
  facts: Facts,
): readonly Extract<ResourceIntention, { kind: 'resource.act' }>[] =>
  resourceIntentions(facts)
    .filter((one) => one.kind === 'resource.act')
    .filter(({ act }) => act === 'monitor');

/** What is to have stopped here and has not. A look that is still missing counts: it may run. */
export const leftResources = (facts: Facts): readonly Standing[] =>
  [...(resourcePlan(facts)?.standings.values() ?? [])].filter((one) => isActive(one) && isLeft(one));

/** What is still promoted while the role leaves: the next primary cannot promote its own before. */
export const leftHigh = (facts: Facts): readonly Standing[] =>
  [...(resourcePlan(facts)?.standings.values() ?? [])].filter(
    (one) =>
      isActive(one) &&
      one.managed &&
      one.want === 'running' &&
      one.node.traits.demotable &&
      (one.memory.level === 'promoted' || one.busy === 'demote'),
  );

/** Markers and templates' files that say that this node is the primary, which it is not, or may say so: they were not looked at yet. One that cannot be changed is told, and keeps nothing else waiting. */
export const leftMarkers = (facts: Facts): readonly Standing[] =>
  [...(resourcePlan(facts)?.standings.values() ?? [])].filter(
    ({ node, want, managed, memory: { level, badLooks } }) =>
      saysPrimary(node.settings.what) &&
      managed &&
      want === 'running' &&
      (level === 'promoted' || (level === 'unlooked' && badLooks === 0)),
  );

/** The part of it on which neither the database nor a VIP lies: it stops before these. */
export function leftServing(facts: Facts): readonly Standing[] {
  const base = [...(resourcePlan(facts)?.standings.values() ?? [])].filter((one) => !isActive(one));
  return leftResources(facts).filter((one) => !base.some(({ node }) => node.before.has(one.name)));
}
