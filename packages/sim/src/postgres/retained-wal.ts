import { type SlotChange, slotName } from '@hamn/core';
import type { Process } from '../machine/process.ts';
import type { Server } from './server.ts';

/** wal_keep_size: small, so that a node that was away for seconds needs its slot. */
const keptBytes = 500_000;
/** max_slot_wal_keep_size: more than a run writes while a node is away for the faults' longest time. */
const slotKeepBytes = 60_000_000;

export interface SlotModel {
  /** Undefined: its WAL is gone. */
  restart: number | undefined;
}

/** Which WAL a server still has: its checkpoints and restartpoints remove what neither its recovery nor a slot needs. */
export class RetainedWal {
  readonly #server: Server;

  constructor(server: Server) {
    this.#server = server;
  }

  /** Checkpoints of the server's own accord, for as long as this process lives. */
  begin(process: Process): void {
    const random = this.#server.parts.random.fork(`checkpoints ${this.#server.parts.now()}`);
    const next = (): void => {
      process.in(random.between(1500, 6000), () => {
        if (this.#server.process !== process) return;
        if (this.#server.phase === 'up' && !this.#server.promoting) this.checkpoint();
        next();
      });
    };
    next();
  }

  /** A recovery begins here from now on; a standby's restartpoint is a checkpoint that it has replayed. */
  checkpoint(): void {
    const { disk } = this.#server.parts;
    disk.redoLsn = disk.position.lsn;
    for (const slot of disk.slots.values())
      if (slot.restart !== undefined && slot.restart < disk.position.lsn - slotKeepBytes)
        slot.restart = undefined;
    const restarts = [...disk.slots.values()].map(({ restart }) => restart ?? Number.POSITIVE_INFINITY);
    disk.walFrom = Math.max(disk.walFrom, Math.min(disk.position.lsn - keptBytes, ...restarts));
  }

  /** Why a standby of that name that ends at `lsn` cannot be given what it lacks; undefined when it can. */
  refuses(node: string, lsn: number): 'no slot' | 'gone' | undefined {
    const { disk } = this.#server.parts;
    const slot = disk.slots.get(slotName(node));
    if (slot === undefined) return 'no slot';
    return slot.restart === undefined || lsn < disk.walFrom ? 'gone' : undefined;
  }

  /** From where the slot of that node keeps WAL; undefined when it keeps none. */
  keptFor(node: string): number | undefined {
    return this.#server.parts.disk.slots.get(slotName(node))?.restart;
  }

  /** The slot follows what its standby has flushed. */
  used(node: string, flushed: number): void {
    const slot = this.#server.parts.disk.slots.get(slotName(node));
    if (slot?.restart !== undefined) slot.restart = Math.max(slot.restart, flushed);
  }

  make(slot: string): void {
    const { disk } = this.#server.parts;
    if (!disk.slots.has(slot)) disk.slots.set(slot, { restart: disk.redoLsn });
  }

  change(change: SlotChange): void {
    const { disk } = this.#server.parts;
    const slot = disk.slots.get(change.slot);
    const active = this.#server.replication.serves(change.slot);
    switch (change.do) {
      case 'make':
        return this.make(change.slot);
      case 'drop':
        if (active && change.inUse) this.#server.replication.disconnect(change.slot);
        if (!active || change.inUse) disk.slots.delete(change.slot);
        return;
      case 'renew':
        if (active) return;
        disk.slots.delete(change.slot);
        return this.make(change.slot);
      case 'advance':
        if (!active && slot?.restart !== undefined)
          slot.restart = Math.max(slot.restart, Math.min(Number(change.to), disk.position.lsn));
    }
  }
}
