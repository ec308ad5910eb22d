import { type Argv, default as yargs } from 'yargs';
import type { App } from './app.ts';
import type { Command, GlobalArgs } from './command.ts';
import { acceptMachineCommand } from './commands/accept-machine/command.ts';
import { certsCommand } from './commands/certs/command.ts';
import { configCommand } from './commands/config/command.ts';
import { doctorCommand } from './commands/doctor/command.ts';
import { eventsCommand } from './commands/events/command.ts';
import { explainCommand } from './commands/explain/command.ts';
import { failoverCommand } from './commands/failover/command.ts';
import { fenceCommand } from './commands/fence/command.ts';
import { historyCommand } from './commands/history/command.ts';
import { importCommand } from './commands/import/command.ts';
import { initCommand } from './commands/init/command.ts';
import { lockCommand, lockWatchdogCommand } from './commands/lock/command.ts';
import { makemnCommand } from './commands/makemn/command.ts';
import { pauseCommand, resumeCommand } from './commands/pause/command.ts';
import { pgCommand } from './commands/pg/command.ts';
import { reinitCommand } from './commands/reinit/command.ts';
import { cleanupCommand, jobsCommand, resourcesCommand } from './commands/resources/command.ts';
import { snCommand } from './commands/sn/command.ts';
import { statusCommand } from './commands/status/command.ts';
import { switchoverCommand } from './commands/switchover/command.ts';
import { syncCommand } from './commands/sync/command.ts';
import { type ExitCode, exitCodeMeanings, exitCodes } from './exit-codes.ts';

/** In the order of the help text. */
const commands: readonly Command[] = [
  statusCommand,
  explainCommand,
  eventsCommand,
  historyCommand,
  resourcesCommand,
  jobsCommand,
  cleanupCommand,
  syncCommand,
  switchoverCommand,
  failoverCommand,
  makemnCommand,
  fenceCommand,
  pauseCommand,
  resumeCommand,
  reinitCommand,
  pgCommand,
  snCommand,
  configCommand,
  importCommand,
  initCommand,
  certsCommand,
  acceptMachineCommand,
  lockCommand,
  lockWatchdogCommand,
  doctorCommand,
];

/** Runs one command line (without node and script) and gives its exit code. Never throws. */
export async function runProgram(argv: readonly string[], app: App): Promise<ExitCode> {
  let result: ExitCode = exitCodes.ok;
  const parser = parserOf(argv, app);
  for (const command of commands)
    command(parser, async (handler) => {
      result = await handler(app);
    });
  try {
    await parser.parseAsync([...argv]);
    return result;
  } catch (error) {
    return complaint(error, app);
  }
}

function parserOf(argv: readonly string[], app: App): Argv<GlobalArgs> {
  const width = Math.min(100, Math.max(60, app.io.columns));
  return yargs([...argv])
    .scriptName('hamnctl')
    .usage('$0 COMMAND: the admin’s hand of hamn')
    .locale('en')
    .option('config', {
      type: 'string',
      default: '/etc/hamn/hamn.yaml',
      describe: 'The file that says which node this is.',
    })
    .option('socket', { type: 'string', describe: 'The socket of hamnd, where it is not the node file’s.' })
    .option('group', {
      type: 'string',
      default: '',
      defaultDescription: 'the one that this node is in',
      describe: 'The group of resources.',
    })
    .option('color', {
      type: 'boolean',
      default: true,
      describe: 'Colour on a terminal; --no-color for none.',
    })
    .middleware(async (args) => {
      if (args['group'] === '') args['group'] = await groupOfThisNode(String(args['config']));
    })
    .version(app.version)
    .demandCommand(1, 'Say what to do.')
    .strict()
    .help()
    .wrap(width)
    .epilogue(`Exit codes: ${exitCodesText()}`)
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      // A handler's own fault comes without a message of yargs'.
      throw message === null && error !== undefined ? error : new UsageError(message ?? String(error));
    });
}

/** A node file that cannot be read is told by the command that needs it. */
async function groupOfThisNode(nodeFile: string): Promise<string> {
  const [{ usualGroup }, { loadNodeFile }] = await Promise.all([
    import('@hamn/config'),
    import('./connect/node-file.ts'),
  ]);
  const file = await loadNodeFile(nodeFile);
  return file.ok ? file.value.group : usualGroup;
}

const exitCodesText = (): string =>
  Object.entries(exitCodes)
    .map(([name, code]) => `${code} ${exitCodeMeanings[name as keyof typeof exitCodes]}`)
    .join('\n            ');

/** A command line that makes no sense; anything else that is thrown is a fault of hamnctl itself. */
class UsageError extends Error {}

async function complaint(error: unknown, app: App): Promise<ExitCode> {
  if (error instanceof UsageError) {
    app.io.err(`${await inPlainWords(error.message)}\n`);
    app.io.err('hamnctl --help lists the commands, hamnctl COMMAND --help their options.\n');
    return exitCodes.usage;
  }
  app.io.err(`hamnctl failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return exitCodes.failed;
}

const commandNames: readonly string[] = [
  'status',
  'explain',
  'events',
  'history',
  'resources',
  'jobs',
  'cleanup',
  'sync',
  'diff',
  'now',
  'adopt',
  'switchover',
  'failover',
  'makemn',
  'fence',
  'pause',
  'resume',
  'reinit',
  'pg',
  'restart',
  'maintenance',
  'discover',
  'sn',
  'move',
  'failback',
  'cancel',
  'config',
  'init',
  'certs',
  'doctor',
  'disks',
  'lock',
  'import',
  'pacemaker',
  'show',
  'validate',
  'apply',
  'ca',
  'node',
];

/** yargs' sentences about words that it does not know and about ones that are missing, for people. */
async function inPlainWords(message: string): Promise<string> {
  const [, unknown] = /^Unknown arguments?: (.*)$/m.exec(message) ?? [];
  if (unknown !== undefined) {
    const { didYouMean } = await import('@hamn/config');
    const words = [...new Set(unknown.split(', '))];
    return words
      .map((word) => `There is no command or option '${word}' here.${didYouMean(word, commandNames)}`)
      .join('\n');
  }
  if (message.startsWith('Not enough non-option arguments'))
    return 'An argument is missing after the command.';
  const [, names] = /^Missing required arguments?: (.*)$/m.exec(message) ?? [];
  if (names !== undefined)
    return `Missing: ${names
      .split(', ')
      .map((name) => `--${name}`)
      .join(', ')}.`;
  return message;
}
