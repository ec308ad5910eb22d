import { done, type LocalFacts, type Result, type WalLine, withLine, withPromotion } from '@hamn/core';
import type { LocalPort } from '@hamn/engine';
import type { Random } from '../base/random.ts';
import type { Process } from './process.ts';

const lookAgainMs = 50;

/** hamnd's own small file: it survives power-offs. */
export class LocalDisk {
  facts: LocalFacts = {
    managed: false,
    promotions: [],
    identity: undefined,
    otherMachine: undefined,
    addressHere: true,
  };
  /** A disk in trouble. */
  slowMs = 0;
  /** Storage that hangs: nothing that is written ends before it goes on. */
  isHung = false;
  /** Called when the line of the data has been written down. */
  onLine: (line: WalLine) => void = () => undefined;
}

/** The file as one hamnd writes it: a write takes its time, and what is written stays. */
export class SimLocal implements LocalPort {
  readonly #disk: LocalDisk;
  readonly #process: Process;
  readonly #random: Random;

  constructor(disk: LocalDisk, process: Process, random: Random) {
    this.#disk = disk;
    this.#process = process;
    this.#random = random;
  }

  facts(): LocalFacts {
    return this.#disk.facts;
  }

  recordPromotion(token: number, fromTimeline: number): Promise<Result<undefined>> {
    return this.#write((facts) => withPromotion(facts, token, fromTimeline));
  }

  recordLine(line: WalLine): Promise<Result<undefined>> {
    return this.#write((facts) => {
      this.#disk.onLine(line);
      return withLine(facts, line);
    });
  }

  recordManaged(identity: string | undefined): Promise<Result<undefined>> {
    return this.#write((facts) => ({ ...facts, managed: true, identity }));
  }

  acceptMachine(): Promise<Result<undefined>> {
    return this.#write((facts) => ({ ...facts, otherMachine: undefined }));
  }

  #write(change: (facts: LocalFacts) => LocalFacts): Promise<Result<undefined>> {
    return new Promise((resolve) => {
      const write = (): void => {
        if (this.#disk.isHung) {
          this.#process.in(lookAgainMs, write);
          return;
        }
        this.#disk.facts = change(this.#disk.facts);
        resolve(done);
      };
      this.#process.in(this.#random.between(0.5, 6) + this.#disk.slowMs, write);
    });
  }
}
