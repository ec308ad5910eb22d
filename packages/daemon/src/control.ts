import { randomUUID } from 'node:crypto';
import { type PauseBody, type RequestBody, requestValue } from '@hamn/api';
import {
  againstSwitchover,
  emptyMemory,
  factsOf,
  fail,
  modOf,
  nodeId,
  type Observation,
  ok,
  type PauseValue,
  type RequestValue,
  type Result,
  revision,
} from '@hamn/core';
import type { JournalPort, StorePort } from '@hamn/engine';

const storeMs = 3000;

export type ControlFailure = 'unreachable' | 'refused';

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
    const group = seen?.term.group;
    if (seen === undefined || group === undefined)
      return fail('unreachable', 'This node has not read etcd yet; try again, or ask another node.');
    if (group.leader.kind !== 'present')
      return fail('refused', 'The group has no readable leader key; run hamnctl init on the first node.');
    const known = seen.settings.nodes.map((node) => node.name);
    if (body.to !== undefined && !known.includes(nodeId(body.to))) {
      return fail('refused', `The cluster has no node '${body.to}'; it has ${known.join(', ')}.`);
    }
    if (body.kind === 'switchover' && seen.term.hold !== undefined) {
      const against = againstSwitchover(
        factsOf(seen, emptyMemory),
        body.to === undefined ? undefined : nodeId(body.to),
      );
      if (against !== undefined) return fail('refused', against);
    }
    const value = requestValue(body, {
      id: randomUUID(),
      token: Number(modOf(group.leader)),
      atWallMs: Date.now(),
    });
    const text = JSON.stringify(value);
    const outcome = await this.#store.transact(
      { compares: [{ key: 'request', mod: revision(0) }], ops: [{ put: 'request', value: text }] },
      storeMs,
    );
    if (outcome.kind === 'committed') {
      this.#journal.write({
        event: 'request.made',
        level: 'info',
        message: `${body.by} asked for a ${body.kind}${body.to === undefined ? '' : ` to ${body.to}`}.`,
      });
      return ok(value);
    }
    if (outcome.kind === 'refused')
      return fail(
        'refused',
        'Another request stands already; see hamnctl status. It ends by itself when it is done or too old.',
      );
    return fail('unreachable', `etcd did not answer: ${outcome.reason}`);
  }

  async pause(body: PauseBody): Promise<Result<string, ControlFailure>> {
    const value: PauseValue = { by: body.by, reason: body.reason, sinceWallMs: Date.now() };
    const put = { put: 'pause', value: JSON.stringify(value) } as const;
    return this.#change(
      put,
      'Paused: hamn changes no role by itself until hamnctl resume. Renewals and the guard go on.',
    );
  }

  async resume(): Promise<Result<string, ControlFailure>> {
    return this.#change({ delete: 'pause' }, 'Resumed.');
  }

  async #change(
    op: { readonly put: 'pause'; readonly value: string } | { readonly delete: 'pause' },
    message: string,
  ): Promise<Result<string, ControlFailure>> {
    const outcome = await this.#store.transact({ compares: [], ops: [op] }, storeMs);
    if (outcome.kind === 'committed') return ok(message);
    return fail(
      'unreachable',
      `etcd did not answer: ${outcome.kind === 'unknown' ? outcome.reason : 'refused'}`,
    );
  }
}
