import { join } from 'node:path';
import type { DiffReport, SenderReport } from '../report.ts';
import { Copy, type CopyDeps } from './copy.ts';
import { Listing } from './listing.ts';
import { holdsTerm } from './permission.ts';
import { readPlan, type SenderPlan } from './plan.ts';
import { readStanding, type Standing, writeStanding } from './standing.ts';
import { TreeWatch } from './tree-watch.ts';

const lookEveryMs = 1000;
const diffLimitMs = 60_000;

/** Sends the files of one resource from the primary to every standby, under one term. It ends by itself when its plan is of another one. */
export class Sender {
  readonly #planFile: string;
  readonly #listing: Listing;
  readonly #watch: TreeWatch;
  readonly #copies = new Map<string, Copy>();
  readonly #deps: CopyDeps;
  readonly #onOver: () => void;
  #plan: SenderPlan;
  #standing: Standing;
  #timer: NodeJS.Timeout | undefined;

  constructor(plan: SenderPlan, planFile: string, onOver: () => void) {
    this.#plan = plan;
    this.#planFile = planFile;
    this.#onOver = onOver;
    this.#listing = new Listing(plan.paths, plan.exclude);
    this.#standing = this.#firstStanding();
    this.#deps = {
      plan: () => this.#plan,
      listing: this.#listing,
      standing: () => this.#standing,
      onComplete: () => this.#stand('complete'),
      permit: () => holdsTerm(this.#plan.deadlineFile, this.#plan.token),
    };
    this.#watch = new TreeWatch(this.#listing, {
      onDirty: (path) => {
        const line = this.#listing.of(path);
        if (line === undefined) return;
        for (const copy of this.#copies.values()) copy.dirty(path, line.path);
      },
      onDoubt: () => this.compareNow(),
    });
    this.#useReceivers();
    this.#timer = setInterval(() => this.#look(), lookEveryMs);
  }

  report(): SenderReport {
    const { resource, node, token, waitsFor } = this.#plan;
    const troubles = this.#listing.listed.flatMap((one) => this.#listing.trouble(one) ?? []);
    return {
      resource,
      node,
      token,
      standing: this.#standing,
      folders: this.#watch.folders,
      troubles: [...troubles, ...(this.#watch.trouble === undefined ? [] : [this.#watch.trouble])],
      copies: [
        ...[...this.#copies.values()].map((copy) => copy.report()),
        ...waitsFor.map((one) => ({
          ...one,
          state: 'waiting' as const,
          backlogFiles: 1,
          ageMs: 0,
          drift: 0,
          drifted: [],
        })),
      ],
    };
  }

  compareNow(): void {
    for (const copy of this.#copies.values()) copy.compare();
  }

  diff(): Promise<readonly DiffReport[]> {
    return Promise.all([...this.#copies.values()].map((copy) => copy.diff(diffLimitMs)));
  }

  /** An admin's word: the files of this node count, although it never had a complete copy. */
  adopt(): void {
    this.#stand('complete');
    this.compareNow();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#watch.close();
    await Promise.all([...this.#copies.values()].map((copy) => copy.close()));
  }

  /** Who never received anything has the first files of all. */
  #firstStanding(): Standing {
    const before = readStanding(this.#plan.standingFile);
    if (before === undefined) writeStanding(this.#plan.standingFile, 'origin');
    return before ?? 'origin';
  }

  #stand(standing: Standing): void {
    if (this.#standing === standing) return;
    writeStanding(this.#plan.standingFile, standing);
    this.#standing = standing;
  }

  #look(): void {
    this.#watch.look();
    const read = readPlan(this.#planFile);
    if (!read.ok) return;
    if (read.value.token !== this.#plan.token) return this.#onOver();
    this.#plan = read.value;
    this.#useReceivers();
  }

  #useReceivers(): void {
    const wanted = new Map(this.#plan.receivers.map((one) => [one.node, one]));
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

export const socketIn = (folder: string): string => join(folder, 'sender.sock');
