import type { NodeFile } from '@hamn/config';
import type { LockPort, StorePort } from '@hamn/engine';
import type { ExitCode } from './exit-codes.ts';
import type { Io } from './io.ts';

/** Options that every command has. */
export interface GlobalOptions {
  /** The node file. */
  readonly config: string;
  /** hamnd's socket, where it is not the node file's. */
  readonly socket: string | undefined;
  readonly group: string;
}

/** What handlers work with; tests give their own. */
export interface App {
  readonly io: Io;
  readonly version: string;
  /** Opens etcd by the node file. Nothing is dialled yet. Errors: `files` (a certificate cannot be read). */
  openStore(file: NodeFile, group: string): Promise<OpenedStore>;
  /** The same for locks. */
  openLocks(file: NodeFile, group: string): Promise<OpenedLocks>;
}

export type OpenedStore = Opened<StorePort>;
export type OpenedLocks = Opened<LockPort>;

type Opened<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: { readonly code: 'files'; readonly message: string } };

export type Job = (app: App) => Promise<ExitCode>;
