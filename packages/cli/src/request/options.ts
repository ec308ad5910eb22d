import type { Argv } from 'yargs';
import type { GlobalArgs } from '../command.ts';

/** Options that every change of role has. */
export interface ChangeArgs extends GlobalArgs {
  wait: boolean;
  timeout: number;
  yes: boolean;
}

export const withChangeOptions = <T extends GlobalArgs>(yargs: Argv<T>): Argv<T & ChangeArgs> =>
  yargs
    .option('wait', { type: 'boolean', default: false, describe: 'Wait for the end and say how it went.' })
    .option('timeout', {
      type: 'number',
      default: 120,
      describe: 'Seconds that the request stands, and that --wait waits.',
    })
    .option('yes', { alias: 'y', type: 'boolean', default: false, describe: 'Do not ask back.' });

/** Milliseconds for `--timeout`, within what a request may live. */
export const timeoutMsOf = (seconds: number): number | undefined =>
  Number.isFinite(seconds) && seconds > 0 && seconds <= 3600 ? Math.round(seconds * 1000) : undefined;

export const badTimeout = '--timeout is a number of seconds above 0 and at most 3600.\n';
