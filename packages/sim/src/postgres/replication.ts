import { type Claim, slotName } from '@hamn/core';
import type { Process } from '../machine/process.ts';
import type { Server } from './server.ts';
import { contains, cutAt, type Position, reachOn } from './wal.ts';

/** One walsender and its walreceiver. */
interface Link {
  readonly from: Server;
  readonly to: Server;
  flushed: number;
  lastWordAt: number;
  busy: boolean;
  open: boolean;
}

const retryMs = 200;
const silenceMs = 5000;
const shipBytes = 400_000;

/** Streaming between servers: a standby connects to its upstream when its own WAL is a part of the upstream's. */
export class Replication {
  readonly #server: Server;
  #upLink: Link | undefined;
  #links: Link[] = [];

  constructor(server: Server) {
    this.#server = server;
  }

  /** The walreceiver streams now, as far as it knows. */
  get streaming(): boolean {
    return this.#upLink?.open === true;
  }

  get standbys(): readonly { readonly node: string; readonly flushed: number }[] {
    this.#sweep();
    return this.#links.map((link) => ({ node: link.to.parts.node, flushed: link.flushed }));
  }

  /** The standby tries its upstream for ever. */
  begin(process: Process): void {
    process.in(this.#server.parts.random.between(20, retryMs), () => {
      if (this.#server.process !== process || !this.#server.inRecovery) return;
      if (!this.#server.promoting) this.#tryConnect();
      this.begin(process);
    });
  }

  /** The upstream was changed: the old connection ends. */
  reconnect(): void {
    this.#close(this.#upLink);
  }

  end(): void {
    this.#close(this.#upLink);
    for (const link of this.#links) this.#close(link);
  }

  /** Somebody streams through the slot of that name. */
  serves(slot: string): boolean {
    this.#sweep();
    return this.#links.some((link) => slotName(link.to.parts.node) === slot);
  }

  disconnect(slot: string): void {
    for (const link of this.#links) if (slotName(link.to.parts.node) === slot) this.#close(link);
  }

  advanced(): void {
    for (const link of this.#links) this.#ship(link);
  }

  /** The LSN up to which as many of the members as the claim counts have flushed. */
  flushedBy({ members, count }: Claim): number {
    if (count === 0) return Number.POSITIVE_INFINITY;
    const flushed = members.map(
      (name) => this.#links.find((one) => one.to.parts.node === name)?.flushed ?? -1,
    );
    return flushed.sort((a, b) => b - a)[count - 1] ?? -1;
  }

  caughtUp(lsn: number): boolean {
    this.#sweep();
    return this.#links.every((link) => link.flushed >= lsn);
  }

  /** wal_sender_timeout: a receiver that is frozen or cut off for so long is let go. */
  #sweep(): void {
    const { now, network, node } = this.#server.parts;
    for (const link of this.#links) {
      if (link.to.runs && network.connects(node, link.to.parts.node)) link.lastWordAt = now();
      else if (now() - link.lastWordAt > silenceMs) this.#close(link);
    }
  }

  #tryConnect(): void {
    const me = this.#server;
    const { disk, find, network, node, now, note } = me.parts;
    this.#dropSilent();
    if (this.#upLink?.open === true || disk.upstream === undefined) return;
    const from = find(disk.upstream);
    if (from === undefined || from === me || !from.runs || from.phase !== 'up') return;
    if (!network.connects(node, from.parts.node)) return;
    const theirs = from.parts.disk.position;
    if (!contains(theirs, disk.position)) return this.#connectInVain(from);
    const refused = from.wal.refuses(node, disk.position.lsn);
    if (refused !== undefined) return refused === 'gone' ? me.parts.walGone(from) : undefined;
    const link: Link = {
      from,
      to: me,
      flushed: disk.position.lsn,
      lastWordAt: now(),
      busy: false,
      open: true,
    };
    disk.streamedAt = now();
    this.#open(link);
    note(`postgres: streams from ${from.parts.node}`);
    from.replication.#ship(link);
  }

  #open(link: Link): void {
    const { from, to } = link;
    this.#upLink = link;
    from.wal.used(to.parts.node, link.flushed);
    from.replication.#links = from.replication.#links.filter((one) => one.to !== to);
    from.replication.#links.push(link);
    to.parts.changed();
    from.parts.changed();
  }

  /**
   * A timeline that the upstream has left is sent up to where it was left. Until the receiver has understood, PostgreSQL shows it as streaming and takes its position,
   * which is of the other line, for an acknowledgement.
   */
  #connectInVain(from: Server): void {
    const me = this.#server;
    const { disk, now, random } = me.parts;
    const process = me.process;
    if (process === undefined || reachOn(from.parts.disk.position, disk.position.branch) === undefined)
      return;
    if (from.wal.refuses(me.parts.node, disk.position.lsn) !== undefined) return;
    // Busy: nothing is sent that it could take.
    const link: Link = {
      from,
      to: me,
      flushed: disk.position.lsn,
      lastWordAt: now(),
      busy: true,
      open: true,
    };
    this.#open(link);
    from.release();
    process.in(random.between(1, 60), () => this.#close(link));
  }

  /** wal_receiver_timeout: silence from the upstream. */
  #dropSilent(): void {
    const link = this.#upLink;
    if (link === undefined || !link.open) return;
    const { network, node, now } = this.#server.parts;
    if (link.from.runs && network.connects(link.from.parts.node, node)) link.lastWordAt = now();
    else if (now() - link.lastWordAt > silenceMs) this.#close(link);
  }

  #close(link: Link | undefined): void {
    if (link === undefined || !link.open) return;
    link.open = false;
    link.from.replication.#links = link.from.replication.#links.filter((one) => one !== link);
    if (link.to.replication.#upLink === link) link.to.replication.#upLink = undefined;
    link.to.parts.changed();
    link.from.parts.changed();
  }

  #ship(link: Link): void {
    const from = link.from;
    const { network, disk, node } = from.parts;
    const sender = from.process;
    const receiver = link.to.process;
    if (link.busy || !link.open || sender === undefined || receiver === undefined) return;
    const target = Math.min(disk.position.lsn, link.flushed + shipBytes);
    if (target <= link.flushed) return;
    const sent = cutAt(disk.position, target);
    link.busy = true;
    const retry = (): void => {
      sender.in(retryMs, () => {
        link.busy = false;
        this.#retry(link);
      });
    };
    if (!network.passes(node, link.to.parts.node) || network.loses(node, link.to.parts.node)) return retry();
    const flushMs = from.parts.random.between(0.1, 1) + link.to.troubles.slowFlushMs;
    receiver.in(network.latency(node, link.to.parts.node) + flushMs, () =>
      link.to.replication.#receive(link, sent, retry),
    );
  }

  /** wal_sender_timeout. */
  #retry(link: Link): void {
    const { now, network, node } = link.from.parts;
    if (network.connects(node, link.to.parts.node)) link.lastWordAt = now();
    else if (now() - link.lastWordAt > silenceMs) return this.#close(link);
    this.#ship(link);
  }

  #receive(link: Link, sent: Position, retry: () => void): void {
    const { disk, network, node } = this.#server.parts;
    const sender = link.from.process;
    if (!link.open || this.#upLink !== link || !this.#server.inRecovery || this.#server.promoting) return;
    if (contains(sent, disk.position)) {
      disk.position = sent;
      // What it has, it gives to those that receive from it.
      this.advanced();
    }
    const back = link.from.parts.node;
    if (sender === undefined) return;
    if (!network.passes(node, back) || network.loses(node, back)) return retry();
    sender.in(network.latency(node, back), () => {
      link.busy = false;
      if (!link.open) return;
      link.flushed = Math.max(link.flushed, sent.lsn);
      link.from.wal.used(node, link.flushed);
      this.#server.parts.disk.streamedAt = this.#server.parts.now();
      link.lastWordAt = this.#server.parts.now();
      link.from.release();
      link.from.replication.#ship(link);
    });
  }
}
