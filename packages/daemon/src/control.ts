import { randomUUID } from 'node:crypto';
import {
  type MaintenanceBody,
  maintenanceValue,
  type PauseBody,
  type RequestBody,
  type ResourceWishBody,
  requestValue,
  type ScheduleBody,
  scheduleValue,
  type UnmanagedBody,
} from '@hamn/api';
import {
  againstSwitchover,
  emptyMemory,
  factsOf,
  fail,
  type GroupView,
  type NodeId,
  nodeId,
  type Observation,
  ok,
  type PauseValue,
  type RequestValue,
  type ResourceSettings,
  type Result,
  readGroup,
} from '@hamn/core';
import {
  againstResourceWish,
  cancelSchedule,
  endMaintenance,
  endUnmanaged,
  type JournalPort,
  type LocalPort,
  liftPause,
  placeMaintenance,
  placePause,
  placeRequest,
  placeResourceWish,
  placeSchedule,
  placeUnmanaged,
  type StorePort,
  type WriteFailure,
} from '@hamn/engine';

const readMs = 3000;

/** `unreachable`: nothing was done. `unknown`: it may have been done. */
export type ControlFailure = 'unreachable' | WriteFailure;

/** What a node knows of its group without asking. */
export interface KnownHere {
  readonly group: string;
  readonly nodes: readonly NodeId[];
  readonly resources: readonly ResourceSettings[];
  /** Only the holder knows something against it. */
  readonly againstSwitchover: (to: NodeId | undefined) => string | undefined;
}

export const knownHere = (seen: Observation): KnownHere => ({
  group: seen.settings.group,
  nodes: seen.settings.nodes.map((node) => node.name),
  resources: seen.settings.resources,
  againstSwitchover: (to) =>
    seen.term.hold === undefined ? undefined : againstSwitchover(factsOf(seen, emptyMemory), to),
});

/** This node's memory, as far as an admin may change it. */
export interface OwnMachine extends Pick<LocalPort, 'facts' | 'acceptMachine'> {
  otherChassis(): string | undefined;
}

/** What an admin may ask of this node; each wish becomes a key that the right node acts on. */
export class Control {
  readonly #known: () => KnownHere | undefined;
  readonly #store: StorePort;
  readonly #local: OwnMachine;
  readonly #journal: JournalPort;

  constructor(known: () => KnownHere | undefined, store: StorePort, local: OwnMachine, journal: JournalPort) {
    this.#known = known;
    this.#store = store;
    this.#local = local;
    this.#journal = journal;
  }

  async request(body: RequestBody): Promise<Result<RequestValue, ControlFailure>> {
    const known = this.#known();
    if (known === undefined)
      return fail('unreachable', 'This node has not looked at itself yet; try again, or ask another node.');
    const against = againstRequest(known, body);
    if (against !== undefined) return fail('refused', against);
    const view = await this.#read();
    if (!view.ok) return view;
    const now = Date.now();
    const make = (token: number): RequestValue =>
      requestValue(body, { id: randomUUID(), token, atWallMs: now });
    const placed = await placeRequest(this.#store, view.value, make, now);
    if (placed.ok) {
      const to = body.to === undefined ? '' : ` to ${body.to}`;
      this.#tell('request.made', `${body.by} asked for a ${body.kind}${to}.`);
    }
    return placed;
  }

  async pause(body: PauseBody): Promise<Result<string, ControlFailure>> {
    const view = await this.#read();
    if (!view.ok) return view;
    const value: PauseValue = { by: body.by, reason: body.reason, sinceWallMs: Date.now() };
    const paused = await placePause(this.#store, this.#group(), view.value, value);
    if (paused.ok)
      this.#tell('pause', `${body.by} paused the group: ${body.reason || 'no reason was given'}.`);
    return paused;
  }

  async resume(): Promise<Result<string, ControlFailure>> {
    const view = await this.#read();
    if (!view.ok) return view;
    const resumed = await liftPause(this.#store, this.#group(), view.value);
    if (resumed.ok) this.#tell('resume', 'The pause was ended.');
    return resumed;
  }

  async schedule(body: ScheduleBody): Promise<Result<string, ControlFailure>> {
    const against = this.#unknownNode(body.to);
    if (against !== undefined) return fail('refused', against);
    const now = Date.now();
    if (body.atWallMs <= now)
      return fail('refused', 'That time is over by this node’s clock; nothing was scheduled.');
    const view = await this.#read();
    if (!view.ok) return view;
    const placed = await placeSchedule(this.#store, view.value, (token) =>
      scheduleValue(body, { id: randomUUID(), token, atWallMs: now }),
    );
    if (placed.ok) this.#tell('schedule.made', `${body.by}: ${placed.value}`);
    return placed;
  }

  async cancelSchedule(): Promise<Result<string, ControlFailure>> {
    const view = await this.#read();
    if (!view.ok) return view;
    const dropped = await cancelSchedule(this.#store, view.value);
    if (dropped.ok) this.#tell('schedule.cancelled', dropped.value);
    return dropped;
  }

  async maintenance(body: MaintenanceBody): Promise<Result<string, ControlFailure>> {
    const against = this.#unknownNode(body.node);
    if (against !== undefined) return fail('refused', against);
    const view = await this.#read();
    if (!view.ok) return view;
    const changed = body.on
      ? await placeMaintenance(this.#store, view.value, maintenanceValue(body, Date.now()))
      : await endMaintenance(this.#store, view.value, nodeId(body.node));
    if (changed.ok) this.#tell('maintenance', `${body.by}: ${changed.value}`);
    return changed;
  }

  async unmanaged(body: UnmanagedBody): Promise<Result<string, ControlFailure>> {
    const against = againstResourceWish(this.#known()?.resources ?? [], 'unmanaged', body.resource);
    if (body.on && against !== undefined) return fail('refused', against);
    const view = await this.#read();
    if (!view.ok) return view;
    const { resource, by, reason } = body;
    const changed = body.on
      ? await placeUnmanaged(this.#store, view.value, { resource, by, reason, sinceWallMs: Date.now() })
      : await endUnmanaged(this.#store, view.value, resource);
    if (changed.ok) this.#tell('resource.managed', `${by}: ${changed.value}`);
    return changed;
  }

  async resourceWish(body: ResourceWishBody): Promise<Result<string, ControlFailure>> {
    const against = againstResourceWish(this.#known()?.resources ?? [], body.what, body.resource);
    if (against !== undefined) return fail('refused', against);
    const view = await this.#read();
    if (!view.ok) return view;
    const wish = { id: randomUUID(), ...body, atWallMs: Date.now() };
    const placed = await placeResourceWish(this.#store, view.value, wish);
    if (placed.ok) this.#tell(`resource.${body.what}`, `${body.by}: ${placed.value}`);
    return placed;
  }

  #unknownNode(name: string | undefined): string | undefined {
    const nodes: readonly string[] = this.#known()?.nodes ?? [];
    if (name === undefined || nodes.length === 0 || nodes.includes(name)) return undefined;
    return `The cluster has no node '${name}'; it has ${nodes.join(', ')}.`;
  }

  /** Writes to this node's own disk only. */
  async acceptMachine(): Promise<Result<string, ControlFailure>> {
    const other = this.#local.facts(undefined).otherMachine ?? this.#local.otherChassis();
    if (other === undefined) return fail('refused', 'This is the machine that the node was set up on.');
    const accepted = await this.#local.acceptMachine();
    if (!accepted.ok) return fail('refused', accepted.error.message);
    this.#tell('machine.accepted', `This machine is the node from now on; ${other}.`);
    return ok('This machine is the node from now on.');
  }

  #group(): string {
    return this.#known()?.group ?? '';
  }

  #tell(event: string, message: string): void {
    this.#journal.write({ event, level: 'info', message });
  }

  async #read(): Promise<Result<GroupView, 'unreachable'>> {
    const raw = await this.#store.read(readMs);
    if (raw.ok) return ok(readGroup(raw.value));
    return fail('unreachable', `etcd does not answer, so nothing was changed: ${raw.error.message}`);
  }
}

/** What speaks against a wish already here; the primary checks again before it begins. */
function againstRequest(known: KnownHere, body: RequestBody): string | undefined {
  const to = body.to === undefined ? undefined : nodeId(body.to);
  if (to !== undefined && !known.nodes.includes(to))
    return `The cluster has no node '${to}'; it has ${known.nodes.join(', ')}.`;
  return body.kind === 'switchover' ? known.againstSwitchover(to) : undefined;
}
