import { join } from 'node:path';

export const root: string = join(import.meta.dirname, '..', '..');
export const dist: string = join(root, 'dist');

/** One program: its entry in the repository and its single file in dist/. */
export interface Target {
  readonly name: string;
  readonly entry: string;
  /** Runs for months: writes V8's compile cache some seconds after its start, since it may never exit by itself. */
  readonly isDaemon: boolean;
  /** Belongs into the package; the others are for the lab. */
  readonly isShipped: boolean;
}

export const targets: readonly Target[] = [
  { name: 'hamnd', entry: 'packages/daemon/src/main.ts', isDaemon: true, isShipped: true },
  { name: 'hamn-guard', entry: 'packages/guard/src/process/main.ts', isDaemon: true, isShipped: true },
  { name: 'hamn-sync', entry: 'packages/filesync/src/sender/main.ts', isDaemon: true, isShipped: true },
  { name: 'hamnctl', entry: 'packages/cli/src/main.ts', isDaemon: false, isShipped: true },
  { name: 'xcatd-double', entry: 'test/doubles/xcatd/main.ts', isDaemon: false, isShipped: false },
];

export const bundleOf = (target: Target): string => join(dist, `${target.name}.mjs`);
