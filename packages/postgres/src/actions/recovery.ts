import type { Lsn, PostgresServer, RecoveryView } from '@hamn/core';
import { type ControlData, wasShutDown } from '../files/control-data.ts';
import { endOfWal, startOfWalFile } from '../files/wal-end.ts';
import { replayingFile } from '../process/replaying.ts';

/** What a server that is down or starts has to replay. The end of WAL is looked for once for each checkpoint and state of the server. */
export class RecoveryLook {
  readonly #dataDirectory: string;
  #kept: { readonly key: string; readonly end: Lsn } | undefined;

  constructor(dataDirectory: string) {
    this.#dataDirectory = dataDirectory;
  }

  async look(server: PostgresServer, control: ControlData): Promise<RecoveryView | undefined> {
    if (server.kind === 'up' || wasShutDown(control)) return undefined;
    const { redo, segmentBytes, state } = control;
    const key = `${server.kind} ${state} ${redo}`;
    if (this.#kept?.key !== key)
      this.#kept = { key, end: await endOfWal(this.#dataDirectory, redo, segmentBytes) };
    const file = server.kind === 'down' ? undefined : await replayingFile(this.#dataDirectory);
    const at = file === undefined ? undefined : startOfWalFile(file, segmentBytes);
    return { from: redo, at, end: this.#kept.end };
  }
}
