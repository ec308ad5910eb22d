import { join } from 'node:path';
import type { DiffReport, SenderReport } from '../report.ts';
import { marksOf } from './listing.ts';
import { holdsTerm } from './permission.ts';
import { readPlan, type SenderPlan } from './plan.ts';
import { Sending } from './sending.ts';
import { readStanding, type Standing, writeStanding } from './standing.ts';

const lookEveryMs = 1000;

/** Sends the files of one resource from the primary to every standby, under one term. It ends by itself when its plan is of another one. */
export class Sender {
  readonly #planFile: string;
  readonly #onOver: () => void;
  #plan: SenderPlan;
  #sending: Sending;
  #standing: Standing;
  #timer: NodeJS.Timeout | undefined;
  #isRenewing = false;
  #isClosed = false;

  constructor(plan: SenderPlan, planFile: string, onOver: () => void) {
    this.#plan = plan;
    this.#planFile = planFile;
    this.#onOver = onOver;
    // Who never received anything has the first files of all.
    this.#standing = readStanding(plan.standingFile, marksOf(plan.paths, plan.exclude)) ?? 'origin';
    if (this.#standing !== 'receiving') this.#stand(this.#standing);
    this.#sending = this.#begin();
    this.#timer = setInterval(() => this.#look(), lookEveryMs);
  }

  report(): SenderReport {
    const { resource, node, token, waitsFor } = this.#plan;
    return {
      resource,
      node,
      token,
      standing: this.#standing,
      folders: this.#sending.folders,
      troubles: this.#sending.troubles,
      copies: [
        ...this.#sending.copies,
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
    this.#sending.compareNow();
  }

  diff(): Promise<readonly DiffReport[]> {
    return this.#sending.diff();
  }

  /** An admin's word: the files of this node count, although it never had a complete copy. */
  adopt(): void {
    this.#stand('complete');
    this.compareNow();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#sending.close();
  }

  #begin(): Sending {
    return new Sending({
      plan: () => this.#plan,
      standing: () => this.#standing,
      onComplete: () => this.#stand('complete'),
      permit: () => holdsTerm(this.#plan.deadlineFile, this.#plan.token),
    });
  }

  #stand(standing: Standing): void {
    const { standingFile, paths, exclude } = this.#plan;
    writeStanding(standingFile, standing, marksOf(paths, exclude));
    this.#standing = standing;
  }

  #look(): void {
    const read = readPlan(this.#planFile);
    if (read.ok) {
      if (read.value.token !== this.#plan.token) return this.#onOver();
      this.#plan = read.value;
    }
    if (this.#isRenewing) return;
    if (this.#sending.fits(this.#plan)) this.#sending.look();
    else void this.#renew();
  }

  /** Where the list becomes another one, the files of the primary are the ones that count, also those that are listed from now on. */
  async #renew(): Promise<void> {
    this.#isRenewing = true;
    await this.#sending.close();
    this.#isRenewing = false;
    if (this.#isClosed) return;
    if (this.#standing === 'complete') this.#stand('complete');
    this.#sending = this.#begin();
  }
}

export const socketIn = (folder: string): string => join(folder, 'sender.sock');
