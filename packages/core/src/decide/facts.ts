import type { NodeId } from '../brands.ts';
import type { LeaderValue, MemberValue, RequestValue, StateValue } from '../group/values.ts';
import { type GroupView, presentValue } from '../group/view.ts';
import type { GuardView, Observation, VipView } from '../observation.ts';
import type { PostgresServer, PostgresView } from '../postgres-view.ts';
import { readValue } from '../reading.ts';
import { type NodeSettings, neverSynchronous, type PostgresSettings } from '../settings.ts';
import type { HoldView } from '../term/term.ts';
import type { UnitView } from '../unit-view.ts';
import type { UpstreamNode } from './intention.ts';
import type { Memory } from './memory.ts';

/** An observation with the questions that the rules ask of it answered once. */
export interface Facts {
  readonly seen: Observation;
  readonly memory: Memory;
  readonly self: NodeSettings | undefined;
  readonly group: GroupView | undefined;
  readonly hold: HoldView | undefined;
  readonly leader: LeaderValue | undefined;
  readonly state: StateValue | undefined;
  readonly request: RequestValue | undefined;
  readonly paused: boolean;
  readonly guard: GuardView | undefined;
  readonly postgres: PostgresView | undefined;
  readonly pgSettings: PostgresSettings | undefined;
  readonly server: PostgresServer | undefined;
  readonly writable: boolean;
  readonly vips: readonly VipView[] | undefined;
  readonly units: ReadonlyMap<string, UnitView>;
  /** Names of resources that an admin has in hand. */
  readonly unmanaged: ReadonlySet<string>;
}

export function factsOf(seen: Observation, memory: Memory): Facts {
  const { term, ports, settings, me } = seen;
  const group = term.group;
  const postgres = ports.postgres === undefined ? undefined : readValue(ports.postgres);
  const server = postgres?.server;
  return {
    seen,
    memory,
    self: settings.nodes.find((node) => node.name === me),
    group,
    hold: term.hold,
    leader: group === undefined ? undefined : presentValue(group.leader),
    state: group === undefined ? undefined : presentValue(group.state),
    request: group === undefined ? undefined : presentValue(group.request),
    paused: group !== undefined && group.pause.kind !== 'absent',
    guard: readValue(ports.guard),
    postgres,
    pgSettings: settings.postgres,
    server,
    writable: postgres !== undefined && isWritable(postgres),
    vips: readValue(ports.vips),
    units: new Map((readValue(ports.units) ?? []).map((unit) => [unit.unit, unit])),
    unmanaged: unmanagedIn(group),
  };
}

const unmanagedIn = (group: GroupView | undefined): ReadonlySet<string> =>
  new Set([...(group?.unmanaged ?? [])].flatMap(([name, entry]) => (entry.kind === 'present' ? [name] : [])));

/** A data node that holds no term, and has settled what it took before. */
export const isCandidate = (facts: Facts): boolean =>
  facts.seen.term.phase === 'candidate' && facts.self?.role === 'data';

/** A server that has no connection left serves those who have one: it is alive, and pg_control says what it is. */
export function isWritable({ server, data }: PostgresView): boolean {
  if (server.kind === 'up') return !server.inRecovery;
  const isFullHouse = server.kind === 'rejecting' && server.cause === 'connections';
  return isFullHouse && data.kind === 'present' && data.state === 'in production' && !data.standbySignal;
}

export const isBusy = (facts: Facts, key: string): boolean => facts.seen.inFlight.has(key);

export const nodeOf = (facts: Facts, name: NodeId): NodeSettings | undefined =>
  facts.seen.settings.nodes.find((node) => node.name === name);

export const memberOf = (facts: Facts, name: NodeId): MemberValue | undefined => {
  const entry = facts.group?.members.get(name);
  return entry === undefined ? undefined : presentValue(entry);
};

/** Nodes that keep data, this one left out. */
export const otherDataNodes = (facts: Facts): readonly NodeSettings[] =>
  facts.seen.settings.nodes.filter((node) => node.role === 'data' && node.name !== facts.seen.me);

/** The node that holds the term according to the leader key, when it is another one. */
export function holderUpstream(facts: Facts): UpstreamNode | undefined {
  const { leader, seen } = facts;
  if (leader?.kind !== 'held' || leader.holder === seen.me) return undefined;
  const node = nodeOf(facts, leader.holder);
  return node === undefined ? undefined : { node: node.name, address: node.address };
}

/** Names that a candidate's own configuration must enforce before it takes; the take records what is enforced. */
export function preparedNames(facts: Facts): readonly NodeId[] {
  if (facts.pgSettings?.mode !== 'strict') return [];
  const others = otherDataNodes(facts);
  const waited = others.filter((node) => !neverSynchronous(node));
  // Strict never has empty names, whatever the tags are being changed to.
  return (waited.length > 0 ? waited : others).map((node) => node.name);
}

/** It was asked just now, and says that it is the primary: what fails here then lies in this node's data. */
export function answersAsPrimary({ seen }: Facts, node: NodeId): boolean {
  const contact = seen.contact.known ? seen.contact.value : undefined;
  return contact?.node === node && contact.postgres?.state === 'primary';
}

export const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && [...a].sort().join() === [...b].sort().join();

export const isRunning = (unit: UnitView | undefined): boolean =>
  unit !== undefined && unit.active !== 'inactive' && unit.active !== 'failed';
