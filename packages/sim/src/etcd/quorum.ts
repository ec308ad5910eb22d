import type { Random } from '../base/random.ts';
import type { Scheduler } from '../base/scheduler.ts';
import type { Trace } from '../base/trace.ts';
import type { Network } from '../machine/network.ts';

export interface QuorumParts {
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly random: Random;
  readonly trace: Trace;
  /** Whether the etcd member of this host runs. */
  readonly runs: (host: string) => boolean;
}

/** Who leads etcd, and through which members it can be used now. An election is a gap of 0.3 to 3 s in which nothing commits. */
export class Quorum {
  readonly hosts: readonly string[];
  readonly #parts: QuorumParts;
  #leader: string | undefined;
  #electing = false;
  #outages = 0;
  readonly #onElected: (() => void)[] = [];

  constructor(hosts: readonly string[], parts: QuorumParts) {
    this.hosts = hosts;
    this.#parts = parts;
    this.#leader = hosts.at(-1);
  }

  get leader(): string | undefined {
    return this.#outages > 0 ? undefined : this.#leader;
  }

  onElected(listener: () => void): void {
    this.#onElected.push(listener);
  }

  /** Whether a request that has arrived at this member can be answered now. */
  serves(host: string): boolean {
    const { network, runs } = this.#parts;
    const leader = this.leader;
    return leader !== undefined && runs(host) && network.connects(host, leader) && this.#couldLead(leader);
  }

  /** To be called when a host or a path has changed. */
  look(): void {
    if (this.#leader !== undefined && !this.#couldLead(this.#leader)) this.elect();
  }

  /** The leader is gone, or a fault asks for an election. */
  elect(): void {
    const { scheduler, random, trace } = this.#parts;
    this.#leader = undefined;
    if (this.#electing) return;
    this.#electing = true;
    trace.add('etcd', 'has no leader');
    scheduler.in(random.between(300, 3000), () => this.#finish());
  }

  outage(): () => void {
    this.#outages += 1;
    return () => {
      this.#outages -= 1;
    };
  }

  move(to: string): boolean {
    if (!this.#couldLead(to) || !this.#parts.runs(to)) return false;
    this.#leader = to;
    this.#parts.trace.add('etcd', `is led by ${to} (moved)`);
    return true;
  }

  #finish(): void {
    const { scheduler, random, trace } = this.#parts;
    const able = this.hosts.filter((host) => this.#couldLead(host));
    const [first, ...rest] = able;
    if (first === undefined) {
      scheduler.in(300, () => this.#finish());
      return;
    }
    this.#electing = false;
    this.#leader = random.pick([first, ...rest]);
    trace.add('etcd', `is led by ${this.#leader}`);
    for (const listener of this.#onElected) listener();
  }

  /** Runs, and with all that it is connected to and that run it is a majority. */
  #couldLead(host: string): boolean {
    const { network, runs } = this.#parts;
    if (!runs(host)) return false;
    const connected = this.hosts.filter((other) => runs(other) && network.connects(host, other));
    return connected.length * 2 > this.hosts.length;
  }
}
