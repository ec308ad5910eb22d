import { helpText, parseCommandLine } from './arguments.ts';
import { UsageError } from './commands.ts';
import { Lab } from './lab.ts';
import { LabError } from './lab-error.ts';

/** `npm run lab -- COMMAND`. Exit codes: 0 done, 1 the lab says why not, 2 a command line it does not understand; `exec`: the command's own. */
async function main(argv: readonly string[]): Promise<number> {
  if (argv.length === 0 || ['help', '--help', '-h'].includes(argv[0] ?? '')) {
    console.log(helpText());
    return argv.length === 0 ? 2 : 0;
  }
  try {
    const { command, args } = parseCommandLine(argv);
    return await command.run(new Lab({ log: (line) => console.error(`lab: ${line}`) }), args);
  } catch (error) {
    if (error instanceof UsageError) return complain(error.message, 2);
    if (error instanceof LabError) return complain(error.message, 1);
    throw error;
  }
}

function complain(message: string, code: number): number {
  console.error(`lab: ${message}`);
  return code;
}

process.exitCode = await main(process.argv.slice(2));
