import type { Lab } from './lab.ts';
import { DEFAULT_NODES } from './layout.ts';
import { statusTable } from './status-table.ts';

/** What a command line said, taken apart: the words, the options, and what stood behind `--`. */
export type Arguments = {
  readonly words: readonly string[];
  readonly nodes: readonly string[] | undefined;
  readonly signal: string | undefined;
  readonly fresh: boolean;
  readonly wipe: boolean;
  readonly json: boolean;
  readonly rest: readonly string[];
};

export type Command = {
  readonly usage: string;
  readonly help: string;
  /** How many words must follow the command's name, at least and at most. */
  readonly words: readonly [least: number, most: number];
  readonly options?: readonly (keyof Arguments)[];
  readonly takesRest?: boolean;
  readonly run: (lab: Lab, args: Arguments) => Promise<number>;
};

type NodeAct =
  | 'powerOff'
  | 'powerOn'
  | 'cut'
  | 'isolate'
  | 'heal'
  | 'freeze'
  | 'thaw'
  | 'pause'
  | 'resume'
  | 'reset';

const act = (name: string, method: NodeAct, help: string): Command => ({
  usage: `${name} NODE`,
  help,
  words: [1, 1],
  run: async (lab, args) => {
    await lab[method](word(args, 0));
    return 0;
  },
});

export const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  [
    'up',
    {
      usage: 'up [--nodes mn1,mn2,wit1] [--fresh]',
      help: 'make the machines and power them on (--fresh: with empty disks)',
      words: [0, 0],
      options: ['nodes', 'fresh'],
      run: async (lab, args) => {
        await lab.up(args.nodes ?? DEFAULT_NODES, { fresh: args.fresh });
        return 0;
      },
    },
  ],
  [
    'base',
    {
      usage: 'base',
      help: 'make what all machines start from, if it is not there yet (about three minutes)',
      words: [0, 0],
      run: async (lab) => {
        await lab.makeBase();
        return 0;
      },
    },
  ],
  [
    'down',
    {
      usage: 'down [--wipe]',
      help: 'power all off and remove every trace but the disks (--wipe: these, too)',
      words: [0, 0],
      options: ['wipe'],
      run: async (lab, args) => {
        await lab.down({ wipe: args.wipe });
        return 0;
      },
    },
  ],
  [
    'status',
    {
      usage: 'status [--json]',
      help: 'show every machine: power, link, address, boot',
      words: [0, 0],
      options: ['json'],
      run: async (lab, args) => {
        const status = await lab.status();
        console.log(args.json ? JSON.stringify(status) : statusTable(status));
        return 0;
      },
    },
  ],
  [
    'shell',
    {
      usage: 'shell NODE',
      help: 'a root shell on the machine',
      words: [1, 1],
      run: (lab, args) => lab.interactive(word(args, 0)),
    },
  ],
  [
    'exec',
    {
      usage: 'exec NODE -- COMMAND...',
      help: 'run a command on the machine; its exit code is ours',
      words: [1, 1],
      takesRest: true,
      run: (lab, args) => lab.interactive(word(args, 0), args.rest),
    },
  ],
  [
    'client',
    {
      usage: 'client -- COMMAND...',
      help: "run one of this host's commands on the segment, as 10.99.0.100",
      words: [0, 0],
      takesRest: true,
      run: async (lab, args) => lab.interactiveClient(args.rest),
    },
  ],
  [
    'copy-in',
    {
      usage: 'copy-in NODE HOST_PATH PATH',
      help: 'copy a file or directory onto the machine',
      words: [3, 3],
      run: async (lab, args) => {
        await lab.copyIn(word(args, 0), word(args, 1), word(args, 2));
        return 0;
      },
    },
  ],
  ['power-off', act('power-off', 'powerOff', 'pull the plug (silently: port down first)')],
  ['power-on', act('power-on', 'powerOn', 'boot again with the same disk')],
  ['cut', act('cut', 'cut', 'take the link down; the machine sees the carrier go')],
  ['isolate', act('isolate', 'isolate', 'drop every frame; the carrier stays')],
  ['heal', act('heal', 'heal', 'end cut and isolate')],
  ['freeze', act('freeze', 'freeze', 'stop all processes; the kernel goes on answering')],
  ['thaw', act('thaw', 'thaw', 'end freeze')],
  ['pause', act('pause', 'pause', 'isolate and freeze: a virtual machine paused from outside')],
  ['resume', act('resume', 'resume', 'end pause')],
  [
    'kill',
    {
      usage: 'kill NODE PROCESS [--signal KILL]',
      help: "signal a unit's main process, or the topmost process of that name (postgres: the postmaster)",
      words: [2, 2],
      options: ['signal'],
      run: async (lab, args) => {
        await lab.kill(word(args, 0), word(args, 1), signalOf(args.signal));
        return 0;
      },
    },
  ],
  ['reset', act('reset', 'reset', 'power off and throw the disk away')],
]);

/** A command line that cannot be understood; the program ends with code 2. */
export class UsageError extends Error {}

/** The value of `--signal`: KILL, SIGKILL, kill. @throws UsageError */
export function signalOf(text: string | undefined): NodeJS.Signals {
  const wanted = (text ?? 'KILL').toUpperCase().replace(/^SIG/, '');
  const known: readonly NodeJS.Signals[] = [
    'SIGKILL',
    'SIGTERM',
    'SIGINT',
    'SIGQUIT',
    'SIGHUP',
    'SIGABRT',
    'SIGSEGV',
    'SIGSTOP',
    'SIGCONT',
    'SIGUSR1',
    'SIGUSR2',
  ];
  const found = known.find((each) => each === `SIG${wanted}`);
  if (found !== undefined) return found;
  throw new UsageError(
    `'${text}' is no signal the lab sends. It sends ${known.map((each) => each.slice(3)).join(', ')}.`,
  );
}

function word(args: Arguments, index: number): string {
  const found = args.words[index];
  if (found !== undefined) return found;
  throw new UsageError('A word is missing.');
}
