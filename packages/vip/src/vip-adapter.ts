import { ok, type Result, type VipSettings, type VipView } from '@hamn/core';
import type { ClockPort, JournalPort, Permit, VipFailure, VipPort } from '@hamn/engine';
import { type Network, type NetworkEvent, watchNetwork } from '@hamn/linux';
import { Announcer } from './announcer.ts';
import { ChangeFilter } from './change-filter.ts';
import { Duplicates } from './duplicates.ts';
import { addLease, removeLease, renewLeases } from './lease.ts';
import { connectedLink, type KernelState, locate, readKernel } from './placement.ts';
import { probeSegment } from './probe.ts';

export interface VipDeps {
  readonly clock: ClockPort;
  readonly journal: JournalPort;
  readonly network: Network;
}

const nameOf = (vip: VipSettings): string => `${vip.address}/${vip.prefixLength} ${vip.interface}`;

/** Virtual addresses of this node's network namespace. `close` stops announcing and watching, and removes nothing. */
export class VipAdapter implements VipPort {
  readonly #deps: VipDeps;
  readonly #announcers = new Map<string, { readonly announcer: Announcer; readonly vip: VipSettings }>();
  readonly #duplicates = new Duplicates();
  readonly #vips = new Set<string>();
  readonly #changes = new ChangeFilter();
  readonly #listeners: (() => void)[] = [];
  readonly #stopWatching: () => void;

  constructor(deps: VipDeps) {
    this.#deps = deps;
    this.#stopWatching = watchNetwork((event) => this.#onEvent(event));
  }

  async observe(
    vips: readonly VipSettings[],
    timeoutMs: number,
  ): Promise<Result<readonly VipView[], VipFailure>> {
    const state = await readKernel(this.#deps.network, timeoutMs);
    if (!state.ok) return state;
    const views: VipView[] = [];
    for (const vip of vips) {
      const view = this.#view(vip, state.value);
      if (!view.ok) return view;
      views.push(view.value);
    }
    return ok(views);
  }

  add(
    vip: VipSettings,
    lifetimeSeconds: number,
    timeoutMs: number,
    permit: Permit,
  ): Promise<Result<undefined, VipFailure>> {
    this.#vips.add(vip.address);
    return addLease(this.#deps.network, vip, lifetimeSeconds, this.#vips, timeoutMs, permit);
  }

  renew(
    vips: readonly VipSettings[],
    lifetimeSeconds: number,
    timeoutMs: number,
    permit: Permit,
  ): Promise<Result<undefined, VipFailure>> {
    for (const vip of vips) this.#vips.add(vip.address);
    return renewLeases(this.#deps.network, vips, lifetimeSeconds, this.#vips, timeoutMs, permit);
  }

  remove(vip: VipSettings, timeoutMs: number): Promise<Result<undefined, VipFailure>> {
    this.#announcers.get(nameOf(vip))?.announcer.stop();
    this.#announcers.delete(nameOf(vip));
    return removeLease(this.#deps.network, vip, timeoutMs);
  }

  async probe(vip: VipSettings, budgetMs: number): Promise<Result<string | undefined, VipFailure>> {
    const { clock, network } = this.#deps;
    const state = await readKernel(network, budgetMs);
    if (!state.ok) return state;
    const placement = locate(vip, state.value);
    if (!placement.ok) return placement;
    const link = connectedLink(vip, placement.value, state.value);
    if (!link.ok) return link;
    const ownMacs = new Set(state.value.links.map((candidate) => candidate.mac));
    const answer = await probeSegment(clock, link.value, placement.value.ip, ownMacs, budgetMs);
    if (answer.ok) this.#duplicates.probed(nameOf(vip), answer.value);
    return answer;
  }

  announce(vip: VipSettings): Promise<Result<undefined, VipFailure>> {
    const name = nameOf(vip);
    const known = this.#announcers.get(name)?.announcer;
    if (known !== undefined) return known.start();
    const announcer = new Announcer(
      vip,
      (mac) => this.#duplicates.heard(name, mac, this.#deps.clock.now()),
      this.#deps,
    );
    this.#announcers.set(name, { announcer, vip });
    return announcer.start();
  }

  watch(onChange: () => void): void {
    this.#listeners.push(onChange);
  }

  close(): void {
    this.#stopWatching();
    for (const { announcer } of this.#announcers.values()) announcer.stop();
    this.#announcers.clear();
  }

  #view(vip: VipSettings, state: KernelState): Result<VipView, VipFailure> {
    const placement = locate(vip, state);
    if (!placement.ok) return placement;
    const { link, present } = placement.value;
    return ok({
      address: vip.address,
      interface: vip.interface,
      present: present !== undefined,
      linkUp: link?.up === true && link.carrier,
      duplicate: this.#duplicates.of(nameOf(vip), this.#deps.clock.now()),
      announcedAt: this.#announcers.get(nameOf(vip))?.announcer.announcedAt,
    });
  }

  #onEvent(event: NetworkEvent): void {
    const { changed, becameUp } = this.#changes.take(event);
    for (const { announcer, vip } of this.#announcers.values()) {
      if (vip.interface === becameUp) void announcer.start();
    }
    if (changed) for (const listener of this.#listeners) listener();
  }
}
