import { createHash, type Hash } from 'node:crypto';

export interface TraceLine {
  readonly atMs: number;
  /** A node's name, `etcd`, `client` or `world`. */
  readonly where: string;
  readonly text: string;
}

/** What happened, line by line: hashed always (two runs of one seed must agree), kept only when somebody wants to read it. */
export class Trace {
  readonly #hash: Hash = createHash('sha256');
  readonly #keep: boolean;
  readonly #lines: TraceLine[] = [];
  readonly #now: () => number;

  constructor(keep: boolean, now: () => number) {
    this.#keep = keep;
    this.#now = now;
  }

  add(where: string, text: string): void {
    const atMs = this.#now();
    this.#hash.update(`${atMs} ${where} ${text}\n`);
    if (this.#keep) this.#lines.push({ atMs, where, text });
  }

  get lines(): readonly TraceLine[] {
    return this.#lines;
  }

  /** Ends the trace. */
  digest(): string {
    return this.#hash.digest('hex').slice(0, 16);
  }
}

export const formatLine = (line: TraceLine): string =>
  `${line.atMs.toFixed(1).padStart(10)}  ${line.where.padEnd(6)}  ${line.text}`;
