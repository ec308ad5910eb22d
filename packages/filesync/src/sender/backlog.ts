/** What one standby has not got yet. Bounded: many paths become one comparison. */

export type Batch =
  | { readonly kind: 'paths'; readonly paths: readonly string[] }
  /** Of these lines of the list; undefined: of all. */
  | { readonly kind: 'compare'; readonly lines: ReadonlySet<string> | undefined };

/** More than this at once costs more as a list than a comparison does. */
export const mostPaths = 2000;

export class Backlog {
  readonly #now: () => number;
  #paths = new Set<string>();
  #lines = new Set<string>();
  #all = false;
  /** A comparison of all that no change asks for. */
  #isDue = false;
  #since: number | undefined;
  /** When the first of what is under way was added. */
  #sinceTaken: number | undefined;
  #taken = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  addPath(path: string, line: string): void {
    this.#since ??= this.#now();
    if (this.#all || this.#lines.has(line)) return;
    this.#paths.add(path);
    if (this.#paths.size > mostPaths) this.addAll();
  }

  addLine(line: string): void {
    this.#since ??= this.#now();
    this.#lines.add(line);
  }

  addAll(): void {
    this.#since ??= this.#now();
    this.#all = true;
    this.#paths.clear();
    this.#lines.clear();
  }

  /** A comparison that only the time asks for: nothing waits for it. */
  addRoutine(): void {
    this.#isDue = true;
  }

  /** A comparison first: it brings all that was changed before it begins. */
  take(): Batch | undefined {
    if (this.isEmpty) return undefined;
    const isAll = this.#all || this.#isDue;
    const batch: Batch =
      isAll || this.#lines.size > 0
        ? { kind: 'compare', lines: isAll ? undefined : this.#lines }
        : { kind: 'paths', paths: [...this.#paths] };
    this.#sinceTaken = this.#since;
    this.#taken = this.#since === undefined ? 0 : batch.kind === 'compare' ? 1 : batch.paths.length;
    this.#since = undefined;
    this.#isDue = false;
    // Paths of other lines than those that are compared go on waiting.
    if (batch.kind === 'compare' && !isAll && this.#paths.size > 0) this.#since = this.#sinceTaken;
    else this.#paths = new Set();
    this.#lines = new Set();
    this.#all = false;
    return batch;
  }

  /** It is there. */
  done(): void {
    this.#sinceTaken = undefined;
    this.#taken = 0;
  }

  /** It could not be sent: what was under way waits again, as a comparison of all. */
  failed(): void {
    const since = this.#sinceTaken;
    this.done();
    this.addAll();
    this.#since = Math.min(since ?? this.#now(), this.#since ?? this.#now());
  }

  get isEmpty(): boolean {
    return this.#since === undefined && !this.#isDue;
  }

  /** Paths that are known to wait; a comparison that they ask for counts as one. */
  get size(): number {
    return this.#paths.size + this.#taken + (this.#all || this.#lines.size > 0 ? 1 : 0);
  }

  /** How long the oldest of it waits; 0 where nothing does. */
  get ageMs(): number {
    const since = this.#sinceTaken ?? this.#since;
    return since === undefined ? 0 : this.#now() - since;
  }
}
