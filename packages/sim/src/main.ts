import { constants, setPriority } from 'node:os';
import { main } from './cli/cli.ts';

// Nothing here watches a real clock: it gives way to whatever does.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
process.exitCode = await main(process.argv.slice(2));
