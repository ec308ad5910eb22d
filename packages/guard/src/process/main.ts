import { openWatchdog } from '@hamn/linux';
import { readOptions } from './options.ts';
import { run, stop } from './run.ts';

/** sysexits.h: systemd does not try again what cannot succeed. */
const EX_USAGE = 64;

// A broken invariant: die, and let the next guard go on from the record.
process.on('unhandledRejection', (error) => stop(`A broken invariant: ${String(error)}`));

const options = readOptions(process.argv.slice(2), process.env);
if (!options.ok) stop(options.error.message, EX_USAGE);
void run(options.value, openWatchdog);
