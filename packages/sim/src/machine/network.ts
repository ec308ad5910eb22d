import type { Random } from '../base/random.ts';
import type { Process } from './process.ts';

/** The place of the client, beside the nodes. */
export const clientPlace = 'client';

interface Path {
  /** Faults that cut this direction now. */
  cuts: number;
  delayMs: number;
  lossShare: number;
}

/** One segment with a path for each direction between each two places. */
export class Network {
  readonly #paths = new Map<string, Path>();
  readonly #random: Random;

  constructor(places: readonly string[], random: Random) {
    this.#random = random;
    for (const from of places)
      for (const to of places) this.#paths.set(`${from}>${to}`, { cuts: 0, delayMs: 0, lossShare: 0 });
  }

  passes(from: string, to: string): boolean {
    return from === to || (this.#paths.get(`${from}>${to}`)?.cuts ?? 1) === 0;
  }

  connects(a: string, b: string): boolean {
    return this.passes(a, b) && this.passes(b, a);
  }

  /** One message; `arrive` runs in the receiving process, or never. */
  send(from: string, to: string, receiver: Process, arrive: () => void): void {
    if (!this.passes(from, to) || this.loses(from, to)) return;
    receiver.in(this.latency(from, to), () => {
      if (this.passes(from, to)) arrive();
    });
  }

  latency(from: string, to: string): number {
    if (from === to) return this.#random.between(0.02, 0.1);
    return this.#random.between(0.15, 0.6) + (this.#paths.get(`${from}>${to}`)?.delayMs ?? 0);
  }

  loses(from: string, to: string): boolean {
    const share = this.#paths.get(`${from}>${to}`)?.lossShare ?? 0;
    return share > 0 && this.#random.chance(share);
  }

  /** Cuts one direction; the answer heals it. */
  cut(from: string, to: string): () => void {
    return this.#change(from, to, (path, sign) => {
      path.cuts += sign;
    });
  }

  slow(from: string, to: string, delayMs: number): () => void {
    return this.#change(from, to, (path, sign) => {
      path.delayMs += sign * delayMs;
    });
  }

  lose(from: string, to: string, share: number): () => void {
    return this.#change(from, to, (path, sign) => {
      path.lossShare = sign > 0 ? share : 0;
    });
  }

  #change(from: string, to: string, apply: (path: Path, sign: number) => void): () => void {
    const path = this.#paths.get(`${from}>${to}`);
    if (path === undefined) return () => undefined;
    apply(path, 1);
    let healed = false;
    return () => {
      if (healed) return;
      healed = true;
      apply(path, -1);
    };
  }
}
