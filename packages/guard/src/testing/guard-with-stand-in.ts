import { readOptions } from '../process/options.ts';
import { run, stop } from '../process/run.ts';
import { standInWatchdog } from './stand-in-watchdog.ts';

/** hamn-guard as it is, but with a watchdog that resets nothing. */
const options = readOptions(process.argv.slice(2), process.env);
if (!options.ok) stop(options.error.message);
void run(options.value, standInWatchdog(options.value.directory));
