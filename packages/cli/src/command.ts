import type { Argv } from 'yargs';
import type { App, GlobalOptions } from './app.ts';
import type { ExitCode } from './exit-codes.ts';

/** Global options as yargs parses them. */
export interface GlobalArgs {
  config: string;
  socket: string | undefined;
  /** The node file's where it was not given. */
  group: string;
}

/** Runs a handler with the app and keeps its exit code. Handlers are imported when they run: a call loads one command only. */
export type Run = (handler: (app: App) => Promise<ExitCode>) => Promise<void>;

/** Adds one command with its options. */
export type Command = (yargs: Argv<GlobalArgs>, run: Run) => Argv<GlobalArgs>;

export const globalsOf = ({ config, socket, group }: GlobalArgs): GlobalOptions => ({
  config,
  socket,
  group,
});
