import type { GuardAct, GuardView, Instant } from '@hamn/core';
import type { Ports } from '../ports/all.ts';

/** A note that is older than this is told with its age. */
const freshMs = 2000;

/**
 * Brings what hamn-guard did by itself into the journal: while this process lived, or before it came back. The guard keeps each note until it is
 * told that it was told.
 */
export class GuardTeller {
  readonly #ports: Pick<Ports, 'clock' | 'journal'>;
  readonly #acts = new Set<Instant>();
  #toldUntil: Instant | undefined;

  constructor(ports: Pick<Ports, 'clock' | 'journal'>) {
    this.#ports = ports;
  }

  /** What the guard need not keep any longer. */
  get toldUntil(): Instant | undefined {
    return this.#toldUntil;
  }

  /** This process has told of this act, as the answer to its own order. */
  knows(act: GuardAct): void {
    this.#acts.add(act.at);
  }

  look(guard: GuardView): void {
    for (const note of guard.notes ?? []) {
      if (this.#toldUntil !== undefined && note.at <= this.#toldUntil) continue;
      this.#toldUntil = note.at;
      if (note.actAt !== undefined && this.#acts.delete(note.actAt)) continue;
      const agoMs = Math.max(0, Math.round(this.#ports.clock.now() - note.at));
      const when = agoMs < freshMs ? '' : `, ${(agoMs / 1000).toFixed(1)} s ago`;
      const message = `hamn-guard${when}: ${note.message}`;
      this.#ports.journal.write({ event: note.event, level: note.level, message, fields: { agoMs } });
    }
  }
}
