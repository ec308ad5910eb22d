import { randomUUID } from 'node:crypto';
import {
  buildServiceNodes,
  type ServiceNodeCancelBody,
  type ServiceNodesDocument,
  type ServiceNodeWishBody,
  serviceNodeWish,
} from '@hamn/api';
import { fail, ok, type RawGroup, type Result, type ServiceNodesSettings } from '@hamn/core';
import {
  dropServiceNodeWish,
  type JournalPort,
  placeServiceNodeWish,
  type StorePort,
  type WriteFailure,
} from '@hamn/engine';

export type ServiceNodesFailure = 'unreachable' | 'not-configured' | WriteFailure;

export interface ServiceNodesControlDeps {
  readonly settings: () => ServiceNodesSettings | undefined;
  readonly store: StorePort;
  readonly journal: JournalPort;
  /** The wish is written: whoever carries it out may look at once. */
  readonly onWish: () => void;
}

const readMs = 2500;

/** What an admin may ask of service nodes on any node; the primary acts. */
export class ServiceNodesControl {
  readonly #me: string;
  readonly #deps: ServiceNodesControlDeps;

  constructor(me: string, deps: ServiceNodesControlDeps) {
    this.#me = me;
    this.#deps = deps;
  }

  async document(): Promise<Result<ServiceNodesDocument, ServiceNodesFailure>> {
    const known = await this.#known();
    if (!known.ok) return known;
    const { settings, raw } = known.value;
    return ok(buildServiceNodes({ settings, raw, node: this.#me, atWallMs: Date.now() }));
  }

  async wish(body: ServiceNodeWishBody): Promise<Result<string, ServiceNodesFailure>> {
    const known = await this.#known();
    if (!known.ok) return known;
    const { settings, raw } = known.value;
    const wish = serviceNodeWish(body, { id: randomUUID(), nowWallMs: Date.now() });
    const placed = await placeServiceNodeWish(this.#deps.store, settings, raw, wish);
    if (!placed.ok) return placed;
    const { kind, serviceNode, by, to, force } = wish;
    const where = to === undefined ? '' : ` to ${to}`;
    this.#tell(
      'service-node.asked',
      `${by} asked for a ${kind} of ${serviceNode}${where}${force === true ? ', without the soak' : ''}.`,
    );
    this.#deps.onWish();
    return placed;
  }

  async cancel({ serviceNode, by }: ServiceNodeCancelBody): Promise<Result<string, ServiceNodesFailure>> {
    const known = await this.#known();
    if (!known.ok) return known;
    const dropped = await dropServiceNodeWish(this.#deps.store, known.value.raw, serviceNode);
    if (dropped.ok) this.#tell('service-node.cancelled', `${by}: ${dropped.value}`);
    return dropped;
  }

  #tell(event: string, message: string): void {
    this.#deps.journal.write({ event, level: 'info', message });
  }

  async #known(): Promise<
    Result<{ readonly settings: ServiceNodesSettings; readonly raw: RawGroup }, ServiceNodesFailure>
  > {
    const settings = this.#deps.settings();
    if (settings === undefined)
      return fail(
        'not-configured',
        'The settings of this group have no section `serviceNodes`; see docs/service-nodes.md.',
      );
    const raw = await this.#deps.store.read(readMs);
    if (raw.ok) return ok({ settings, raw: raw.value });
    return fail('unreachable', `etcd does not answer, so nothing was changed: ${raw.error.message}`);
  }
}
