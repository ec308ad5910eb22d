import { fail, type Instant, ok, type Result, type VipSettings } from '@hamn/core';
import type { Cancel, ClockPort, JournalPort, VipFailure } from '@hamn/engine';
import type { Link, Network } from '@hamn/linux';
import { connectedLink, locate, type Placement, readKernel, vipFailure } from './placement.ts';
import { openVoice, type Voice } from './voice.ts';

/** When announcements follow the first one: neighbours may be busy, switches may be learning. */
const scheduleMs: readonly number[] = [0, 50, 150, 400, 1000, 2000, 4000];
const thenEveryMs = 30_000;
/** A process that was frozen between looking and speaking must look again, or it would speak for an address that has moved. */
const freshMs = 50;
const readTimeoutMs = 500;
const lookForOthersEveryMs = 1000;
/** RFC 5227, 2.4: an address is defended at most so often. */
const defendEveryMs = 10_000;

export interface AnnouncerDeps {
  readonly clock: ClockPort;
  readonly network: Network;
  readonly journal: JournalPort;
}

/** Announces one VIP from the first call of `start` until `stop`, as long as the kernel has the address; defends it against other claims. */
export class Announcer {
  readonly #vip: VipSettings;
  readonly #deps: AnnouncerDeps;
  readonly #onDuplicate: (mac: string) => void;
  #round = 0;
  #cancelRound: Cancel = () => {};
  #cancelLook: Cancel = () => {};
  #stopped = false;
  #generation = 0;
  #ear: { readonly voice: Voice; readonly linkIndex: number } | undefined;
  #ownMacs: ReadonlySet<string> = new Set();
  #defendedAt = Number.NEGATIVE_INFINITY;
  announcedAt: Instant | undefined;

  constructor(vip: VipSettings, onDuplicate: (mac: string) => void, deps: AnnouncerDeps) {
    this.#vip = vip;
    this.#onDuplicate = onDuplicate;
    this.#deps = deps;
  }

  /** Begins the schedule anew; ends after the first announcement with its outcome. Later ones go on even if this one failed. */
  start(): Promise<Result<undefined, VipFailure>> {
    this.#generation += 1;
    this.#round = 0;
    this.#cancelRound();
    return this.#announce(this.#generation);
  }

  stop(): void {
    this.#stopped = true;
    this.#generation += 1;
    this.#cancelRound();
    this.#cancelLook();
    this.#ear?.voice.close();
    this.#ear = undefined;
  }

  async #announce(generation: number): Promise<Result<undefined, VipFailure>> {
    const result = await this.#speak(generation);
    if (generation === this.#generation) this.#next(generation);
    return result;
  }

  #next(generation: number): void {
    const waited = scheduleMs[this.#round] ?? 0;
    this.#round += 1;
    const next = scheduleMs[this.#round];
    const delayMs = next === undefined ? thenEveryMs : next - waited;
    this.#cancelRound = this.#deps.clock.after(delayMs, () => void this.#announce(generation));
  }

  /** Looks whether the address is here, then speaks at once. */
  async #speak(generation: number): Promise<Result<undefined, VipFailure>> {
    const { clock, network } = this.#deps;
    const looked = clock.now();
    const state = await readKernel(network, readTimeoutMs);
    if (generation !== this.#generation) return fail('kernel', `The VIP ${this.#vip.address} was removed.`);
    if (!state.ok) return state;
    const placement = locate(this.#vip, state.value);
    if (!placement.ok) return placement;
    const link = connectedLink(this.#vip, placement.value, state.value);
    if (!link.ok) return link;
    if (placement.value.present === undefined) {
      return fail(
        'kernel',
        `The VIP ${this.#vip.address} is not on ${this.#vip.interface}, so it is not announced.`,
      );
    }
    if (!link.value.ethernet) return this.#cannotAnnounce();
    this.#ownMacs = new Set(state.value.links.map((candidate) => candidate.mac));
    const voice = this.#earOn(link.value, placement.value);
    if (!voice.ok) return voice;
    if (clock.now() - looked > freshMs) {
      return fail(
        'timeout',
        `This node was held up before it could announce ${this.#vip.address}; it will try again.`,
      );
    }
    const sent = voice.value.announce();
    if (!sent.ok) return vipFailure(sent.error);
    this.announcedAt = clock.now();
    return ok(undefined);
  }

  #cannotAnnounce(): Result<undefined, VipFailure> {
    if (this.#round === 0) {
      this.#deps.journal.write({
        event: 'vip.not-announced',
        level: 'warn',
        message: `Interface ${this.#vip.interface} is no Ethernet, so ${this.#vip.address} is not announced there: neighbours learn it when they ask again.`,
      });
    }
    return ok(undefined);
  }

  /** One socket speaks and hears; it is opened anew when the interface was replaced. */
  #earOn(link: Link, placement: Placement): Result<Voice, VipFailure> {
    if (this.#ear?.linkIndex === link.index) return ok(this.#ear.voice);
    this.#ear?.voice.close();
    this.#ear = undefined;
    const voice = openVoice(link, placement.ip);
    if (!voice.ok) return voice;
    this.#ear = { voice: voice.value, linkIndex: link.index };
    this.#cancelLook();
    this.#look();
    return voice;
  }

  #look(): void {
    if (this.#stopped) return;
    const claimant = this.#ear?.voice.claimant(this.#ownMacs);
    if (claimant !== undefined) void this.#defend(claimant);
    this.#cancelLook = this.#deps.clock.after(lookForOthersEveryMs, () => this.#look());
  }

  /** The claim is rightful when the address has moved and this node does not know yet: `start` speaks only while the kernel has it. */
  async #defend(claimant: string): Promise<void> {
    const now = this.#deps.clock.now();
    if (now - this.#defendedAt < defendEveryMs) return;
    this.#defendedAt = now;
    const spoken = await this.start();
    if (!spoken.ok) return;
    this.#onDuplicate(claimant);
    this.#deps.journal.write({
      event: 'vip.claimed-elsewhere',
      level: 'warn',
      message: `The host with MAC ${claimant} says that it has ${this.#vip.address}, which is this node's now; it was announced again. If this goes on, find that host and take the address from it.`,
      fields: { vip: this.#vip.address, mac: claimant },
    });
  }
}
