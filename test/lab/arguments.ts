import { parseArgs } from 'node:util';
import { type Arguments, COMMANDS, type Command, UsageError } from './commands.ts';
import { NODE_NAMES } from './layout.ts';

/** Takes a command line apart. @throws UsageError in full sentences */
export function parseCommandLine(argv: readonly string[]): {
  readonly command: Command;
  readonly args: Arguments;
} {
  const dashes = argv.indexOf('--');
  const front = dashes === -1 ? argv : argv.slice(0, dashes);
  const rest = dashes === -1 ? [] : argv.slice(dashes + 1);
  const name = front[0];
  const command = COMMANDS.get(name ?? '');
  if (command === undefined) {
    const said = name === undefined ? 'No command was given.' : `There is no command '${name}'.`;
    throw new UsageError(`${said} The commands are ${[...COMMANDS.keys()].join(', ')}.`);
  }
  const args = { ...options(front.slice(1), command), rest };
  check(command, args);
  return { command, args };
}

export function helpText(): string {
  const rows = [...COMMANDS.values()].map((each) => [each.usage, each.help] as const);
  const width = Math.max(...rows.map(([usage]) => usage.length));
  return [
    'Several real machines on one: npm run lab -- COMMAND',
    '',
    ...rows.map(([usage, help]) => `  ${usage.padEnd(width)}  ${help}`),
    '',
    `Nodes: ${NODE_NAMES.join(', ')}. HAMN_LAB=NAME chooses another lab than 'hamnlab'.`,
  ].join('\n');
}

function options(words: readonly string[], command: Command): Omit<Arguments, 'rest'> {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        nodes: { type: 'string' },
        signal: { type: 'string' },
        fresh: { type: 'boolean' },
        wipe: { type: 'boolean' },
        json: { type: 'boolean' },
      },
    });
    return {
      words: positionals,
      nodes: values.nodes?.split(',').filter((each) => each !== ''),
      signal: values.signal,
      fresh: values.fresh ?? false,
      wipe: values.wipe ?? false,
      json: values.json ?? false,
    };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)} Usage: ${command.usage}`);
  }
}

function check(command: Command, args: Arguments): void {
  const [least, most] = command.words;
  const usage = `Usage: npm run lab -- ${command.usage}`;
  if (args.words.length < least) throw new UsageError(`A word is missing. ${usage}`);
  if (args.words.length > most) throw new UsageError(`'${args.words[most]}' is one word too many. ${usage}`);
  if (command.takesRest === true && args.rest.length === 0)
    throw new UsageError(`The command is missing. ${usage}`);
  if (command.takesRest !== true && args.rest.length > 0)
    throw new UsageError(`Nothing may follow '--' here. ${usage}`);
  for (const key of ['nodes', 'signal', 'fresh', 'wipe', 'json'] as const) {
    const given = args[key] !== undefined && args[key] !== false;
    if (given && command.options?.includes(key) !== true)
      throw new UsageError(`--${key} has no meaning here. ${usage}`);
  }
  const nodes = args.nodes ?? (/\bNODE\b/.test(command.usage) ? args.words.slice(0, 1) : []);
  for (const node of nodes) {
    if (!NODE_NAMES.includes(node)) {
      throw new UsageError(
        `The lab knows no node '${node}'. Its nodes are ${NODE_NAMES.join(', ')}. ${usage}`,
      );
    }
  }
  if (args.nodes?.length === 0) throw new UsageError(`--nodes names no node. ${usage}`);
}
