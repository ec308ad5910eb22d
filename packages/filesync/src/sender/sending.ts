import type { CopyReport, DiffReport } from '../report.ts';
import { Copy, type CopyDeps } from './copy.ts';
import { Listing } from './listing.ts';
import type { SenderPlan } from './plan.ts';
import { TreeWatch } from './tree-watch.ts';

const diffLimitMs = 60_000;

/** One list of files on its way to every standby. Another list, or another port, needs a new one. */
export class Sending {
  readonly listing: Listing;
  readonly #watch: TreeWatch;
  readonly #copies = new Map<string, Copy>();
  readonly #deps: CopyDeps;
  readonly #basis: string;

  constructor(deps: Omit<CopyDeps, 'listing' | 'isWatched'>) {
    const plan = deps.plan();
    this.#basis = basisOf(plan);
    this.listing = new Listing(plan.paths, plan.exclude);
    this.#deps = { ...deps, listing: this.listing, isWatched: () => this.#watch.isReady };
    this.#watch = new TreeWatch(this.listing, {
      onDirty: (path) => {
        const line = this.listing.of(path);
        if (line === undefined) return;
        for (const copy of this.#copies.values()) copy.dirty(path, line.path);
      },
      onDoubt: () => this.compareNow(),
    });
    this.#useReceivers();
  }

  /** Whether it can go on under this plan. */
  fits(plan: SenderPlan): boolean {
    return this.#basis === basisOf(plan);
  }

  look(): void {
    this.#watch.look();
    this.#useReceivers();
  }

  get folders(): number {
    return this.#watch.folders;
  }

  get troubles(): readonly string[] {
    const ofLines = this.listing.listed.flatMap((one) => this.listing.trouble(one) ?? []);
    return [...ofLines, ...(this.#watch.trouble === undefined ? [] : [this.#watch.trouble])];
  }

  get copies(): readonly CopyReport[] {
    return [...this.#copies.values()].map((copy) => copy.report());
  }

  compareNow(): void {
    for (const copy of this.#copies.values()) copy.compare();
  }

  diff(): Promise<readonly DiffReport[]> {
    return Promise.all([...this.#copies.values()].map((copy) => copy.diff(diffLimitMs)));
  }

  async close(): Promise<void> {
    this.#watch.close();
    await Promise.all([...this.#copies.values()].map((copy) => copy.close()));
  }

  #useReceivers(): void {
    const wanted = new Map(this.#deps.plan().receivers.map((one) => [one.node, one]));
    for (const [node, copy] of this.#copies) {
      const { address, hostKey } = copy.to;
      const same = wanted.get(node);
      if (same?.address === address && same.hostKey === hostKey) continue;
      this.#copies.delete(node);
      void copy.close();
    }
    for (const [node, to] of wanted) {
      if (this.#copies.has(node)) continue;
      const copy = new Copy(to, this.#deps);
      this.#copies.set(node, copy);
      copy.start();
    }
  }
}

const basisOf = ({ paths, exclude, port }: SenderPlan): string => JSON.stringify([paths, exclude, port]);
