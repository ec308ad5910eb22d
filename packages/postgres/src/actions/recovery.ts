import type { Lsn, PostgresServer, RecoveryView } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';
import { type ControlData, wasShutDown } from '../files/control-data.ts';
import { endOfWal, startOfWalFile } from '../files/wal-end.ts';
import { replayingFile } from '../process/replaying.ts';

interface Kept {
  readonly key: string;
  /** Undefined while it is looked for. */
  end: Lsn | undefined;
  readonly asked: Promise<unknown>;
}

/** A disk that is busy must not hold up the look at a server that has just died: the figure then comes with the next one. */
const patienceMs = 150;

/** What a server that is down or starts has to replay. The end of WAL is looked for once for each checkpoint and state of the server. */
export class RecoveryLook {
  readonly #dataDirectory: string;
  readonly #clock: ClockPort;
  #kept: Kept | undefined;

  constructor(dataDirectory: string, deps: { readonly clock: ClockPort }) {
    this.#dataDirectory = dataDirectory;
    this.#clock = deps.clock;
  }

  async look(server: PostgresServer, control: ControlData): Promise<RecoveryView | undefined> {
    const isStarting = server.kind === 'rejecting' && server.cause === 'starting';
    if ((server.kind !== 'down' && !isStarting) || wasShutDown(control)) return undefined;
    const { redo, segmentBytes, state } = control;
    const key = `${server.kind} ${state} ${redo}`;
    const kept = this.#kept?.key === key ? this.#kept : this.#begin(key, redo, segmentBytes);
    if (kept.end === undefined) await this.#within(kept.asked);
    if (kept.end === undefined) return undefined;
    const file = server.kind === 'down' ? undefined : await replayingFile(this.#dataDirectory);
    const at = file === undefined ? undefined : startOfWalFile(file, segmentBytes);
    return { from: redo, at, end: kept.end };
  }

  #begin(key: string, redo: Lsn, segmentBytes: number): Kept {
    const asked = endOfWal(this.#dataDirectory, redo, segmentBytes).then(
      (end) => {
        kept.end = end;
      },
      () => undefined,
    );
    const kept: Kept = { key, end: undefined, asked };
    this.#kept = kept;
    return kept;
  }

  #within(asked: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(patienceMs, resolve);
      void asked.then(() => {
        cancel();
        resolve();
      });
    });
  }
}
