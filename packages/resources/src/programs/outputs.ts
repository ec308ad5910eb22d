import type { ResourceAct } from '@hamn/core';
import type { ClockPort, ResourceOutput } from '@hamn/engine';
import { nothingSaid, type Tail, tailOf } from './tail-file.ts';

/** Where a run's output can be read while it goes on. */
export interface OutputRecord {
  readonly at: number;
  readonly act: ResourceAct;
  readonly file: string | undefined;
  ended: { readonly exitCode: number | undefined; readonly tail: Tail } | undefined;
}

/** What the program of each resource said when one last ran. A look that found all well does not push away what a start or stop said. */
export class Outputs {
  readonly #clock: ClockPort;
  readonly #newest = new Map<string, OutputRecord>();

  constructor(clock: ClockPort) {
    this.#clock = clock;
  }

  begin(resource: string, act: ResourceAct, file: string | undefined): OutputRecord {
    const record: OutputRecord = { at: this.#clock.wallMs(), act, file, ended: undefined };
    if (act !== 'monitor') this.#newest.set(resource, record);
    return record;
  }

  end(resource: string, record: OutputRecord, exitCode: number | undefined, tail: Tail): void {
    record.ended = { exitCode, tail };
    if (record.act === 'monitor' && exitCode !== 0) this.#newest.set(resource, record);
  }

  read(resource: string): ResourceOutput | undefined {
    const record = this.#newest.get(resource);
    if (record === undefined) return undefined;
    const { at, act, file, ended } = record;
    if (ended !== undefined) return { at, act, exitCode: ended.exitCode, ...ended.tail };
    return { at, act, exitCode: undefined, ...(file === undefined ? nothingSaid : tailOf(file)) };
  }
}
