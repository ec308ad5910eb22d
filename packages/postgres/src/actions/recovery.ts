import type { Lsn, PostgresServer, RecoveryView } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';
import { type ControlData, wasShutDown } from '../files/control-data.ts';
import { hasRecoverySignal, hasStandbySignal } from '../files/data-directory.ts';
import { endOfWal, startOfWalFile } from '../files/wal-end.ts';
import { replayingFile } from '../process/replaying.ts';

interface Kept {
  readonly redo: Lsn;
  /** Undefined while it is looked for. */
  end: Lsn | undefined;
  /** How far the replay was seen to be. */
  at: Lsn | undefined;
  readonly asked: Promise<unknown>;
}

/**
 * Whether the startup process replays what a crash left: without a signal file no session is taken before it has ended, so a machine that is too busy
 * with it to answer a session's request says nothing else. A standby replays, too, and may take sessions.
 */
export async function isInCrashRecovery(dataDirectory: string): Promise<boolean> {
  if ((await hasStandbySignal(dataDirectory)) || (await hasRecoverySignal(dataDirectory))) return false;
  return (await replayingFile(dataDirectory)) !== undefined;
}

/** A disk that is busy must not hold up the look at a server that has just died: the figure then comes with the next one. */
const patienceMs = 150;

/** What a server that is down or starts has to replay. The end of WAL is looked for once: nothing is written until the server is up. */
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
    const { redo, segmentBytes } = control;
    const kept = this.#kept?.redo === redo ? this.#kept : this.#begin(redo, segmentBytes);
    if (server.kind === 'down') kept.at = undefined;
    if (kept.end === undefined) await this.#within(kept.asked);
    if (kept.end === undefined) return undefined;
    const file = server.kind === 'down' ? undefined : await replayingFile(this.#dataDirectory);
    // Between two files, and while the checkpoint is written that ends the recovery, none is named: it goes back nowhere.
    if (file !== undefined) kept.at = startOfWalFile(file, segmentBytes);
    return { from: redo, at: kept.at, end: kept.end };
  }

  /** It is up: what it writes from here on is not counted yet. */
  forget(): void {
    this.#kept = undefined;
  }

  #begin(redo: Lsn, segmentBytes: number): Kept {
    const asked = endOfWal(this.#dataDirectory, redo, segmentBytes).then(
      (end) => {
        kept.end = end;
      },
      () => undefined,
    );
    const kept: Kept = { redo, end: undefined, at: undefined, asked };
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
