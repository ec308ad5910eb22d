import { randomUUID } from 'node:crypto';
import { type PauseBody, type RequestBody, requestValue } from '@hamn/api';
import {
  againstSwitchover,
  emptyMemory,
  factsOf,
  fail,
  type GroupView,
  nodeId,
  type Observation,
  ok,
  type PauseValue,
  type RequestValue,
  type Result,
  readGroup,
} from '@hamn/core';
import {
  type JournalPort,
  liftPause,
  placePause,
  placeRequest,
  type StorePort,
  type WriteFailure,
} from '@hamn/engine';

const readMs = 3000;

/** `unreachable`: nothing was done. `unknown`: it may have been done. */
export type ControlFailure = 'unreachable' | WriteFailure;

/** What an admin may ask of this node; each wish becomes a key that the right node acts on. */
export class Control {
  readonly #seen: () => Observation | undefined;
  readonly #store: StorePort;
  readonly #journal: JournalPort;

  constructor(seen: () => Observation | undefined, store: StorePort, journal: JournalPort) {
    this.#seen = seen;
    this.#store = store;
    this.#journal = journal;
  }

  async request(body: RequestBody): Promise<Result<RequestValue, ControlFailure>> {
    const seen = this.#seen();
    if (seen === undefined)
      return fail('unreachable', 'This node has not looked at itself yet; try again, or ask another node.');
    const against = againstRequest(seen, body);
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
    if (paused.ok) this.#tell('pause', `${body.by} paused the group: ${body.reason || 'no reason was given'}.`);
    return paused;
  }

  async resume(): Promise<Result<string, ControlFailure>> {
    const view = await this.#read();
    if (!view.ok) return view;
    const resumed = await liftPause(this.#store, this.#group(), view.value);
    if (resumed.ok) this.#tell('resume', 'The pause was ended.');
    return resumed;
  }

  #group(): string {
    return this.#seen()?.settings.group ?? '';
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

/** What this node can refuse at once; the primary checks again before it begins. */
function againstRequest(seen: Observation, body: RequestBody): string | undefined {
  const known = seen.settings.nodes.map((node) => node.name);
  const to = body.to === undefined ? undefined : nodeId(body.to);
  if (to !== undefined && !known.includes(to))
    return `The cluster has no node '${to}'; it has ${known.join(', ')}.`;
  if (body.kind !== 'switchover' || seen.term.hold === undefined) return undefined;
  return againstSwitchover(factsOf(seen, emptyMemory), to);
}
