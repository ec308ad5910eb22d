import yargs, { type Argv } from 'yargs';
import { makePackage } from '../../deploy/package/make-package.ts';
import { LabError, NODE_NAMES } from '../lab/index.ts';
import { PROOF_NAMES, prove } from './prove/index.ts';
import { vmClusterUp } from './vm-cluster.ts';
import { VmLab } from './vm-lab.ts';

/** `npm run vmlab -- COMMAND`. Exit codes: 0 done, 1 it says why not, 2 a command line it does not understand; `exec`: the command's own. */
const say = (line: string): void => console.error(`vmlab: ${line}`);
const lab = new VmLab({ log: say });

const ACTS = {
  'power-off': ['pull the plug: the page cache is lost', (node: string) => lab.powerOff(node)],
  'power-on': ['boot again with the same disk', (node: string) => lab.powerOn(node)],
  reset: ['press the reset button', (node: string) => lab.vm(node).reset()],
  pause: ['stop the machine and its clock', (node: string) => lab.pause(node)],
  resume: ['end pause', (node: string) => lab.resume(node)],
  cut: ['pull the cable; the machine sees the carrier go', (node: string) => lab.cut(node)],
  isolate: ['drop every frame; the carrier stays', (node: string) => lab.isolate(node)],
  wipe: ['power off and throw the disk away', (node: string) => lab.wipe(node)],
  heal: ['end cut and isolate', (node: string) => lab.heal(node)],
} as const;

const withNode = <T>(args: Argv<T>) =>
  args.positional('node', { type: 'string', choices: NODE_NAMES, demandOption: true });

function commands(): Argv {
  let all = yargs(process.argv.slice(2))
    .scriptName('npm run vmlab --')
    .usage(
      'Debian in virtual machines: npm run vmlab -- COMMAND. HAMN_VMLAB=NAME chooses another lab than hamnvm.',
    )
    .parserConfiguration({ 'populate--': true })
    .command(
      'up',
      'make the machines and power them on (--fresh: with empty disks)',
      (args) =>
        args
          .option('nodes', {
            type: 'string',
            default: 'mn1,mn2,wit1',
            describe: 'which, with commas between',
          })
          .option('fresh', { type: 'boolean', default: false, describe: 'with empty disks' }),
      (args) => lab.up(args.nodes.split(','), { fresh: args.fresh }),
    )
    .command(
      'down',
      'power all off and remove every trace but the disks (--wipe: these, too)',
      (args) => args.option('wipe', { type: 'boolean', default: false, describe: 'the disks, too' }),
      (args) => lab.down({ wipe: args.wipe }),
    )
    .command(
      'cluster',
      'hamn on virtual machines; the other nodes are in namespaces (--fresh: anew)',
      (args) =>
        args
          .option('vms', { type: 'string', default: 'mn1,mn2', describe: 'which nodes are virtual machines' })
          .option('fresh', { type: 'boolean', default: false, describe: 'with empty disks' })
          .option('package', { type: 'string', describe: "a .deb of hamn instead of this checkout's" }),
      async (args) => {
        const packageFile = args.package ?? (await makePackage());
        const machines = args.vms.split(',');
        await vmClusterUp(lab, { packageFile, fresh: args.fresh, machines }, say);
      },
    )
    .command(
      'prove [proofs..]',
      `show what only a kernel of its own can show: ${PROOF_NAMES.join(', ')}`,
      (args) =>
        args
          .positional('proofs', {
            type: 'string',
            array: true,
            default: [],
            choices: PROOF_NAMES,
          })
          .option('fresh', { type: 'boolean', default: false, describe: 'on a cluster made anew' })
          .option('stay', { type: 'boolean', default: false, describe: 'leave the machines running' })
          .option('package', { type: 'string', describe: "a .deb of hamn instead of this checkout's" }),
      async (args) => {
        const { proofs: names, fresh, stay, package: packageFile } = args;
        process.exitCode = (await prove(lab, { names, fresh, stay, packageFile }, say)) === 0 ? 0 : 1;
      },
    )
    .command('status', 'show every machine', {}, async () => {
      console.table(await lab.status());
    })
    .command(
      'add-disk <node> <name>',
      'give a machine that is off an empty disk (the first by name is /dev/vdb)',
      (args) =>
        withNode(args)
          .positional('name', { type: 'string', demandOption: true })
          .option('mb', { type: 'number', default: 256, describe: 'its size' }),
      (args) => lab.addDisk(args.node, args.name, args.mb),
    )
    .command(
      'give-disk <node> <name> <to>',
      'take a disk of a machine and put it into another one; both are off',
      (args) =>
        withNode(args)
          .positional('name', { type: 'string', demandOption: true })
          .positional('to', { type: 'string', choices: NODE_NAMES, demandOption: true }),
      (args) => lab.giveDisk(args.name, args.node, args.to),
    )
    .command('shell <node>', 'a root shell on the machine', withNode, async (args) => {
      process.exitCode = await lab.interactive(args.node);
    })
    .command(
      'exec <node>',
      'run a command on the machine: exec NODE -- COMMAND...',
      withNode,
      async (args) => {
        process.exitCode = await lab.interactive(args.node, rest(args));
      },
    )
    .command('client', "run one of this host's commands on the segment: client -- COMMAND...", {}, (args) => {
      process.exitCode = lab.interactiveClient(rest(args));
    })
    .command(
      'copy-in <node> <from> <to>',
      'copy a file or directory onto the machine',
      (args) =>
        withNode(args)
          .positional('from', { type: 'string', demandOption: true })
          .positional('to', { type: 'string', demandOption: true }),
      (args) => lab.copyIn(args.node, args.from, args.to),
    );
  for (const [name, [help, act]] of Object.entries(ACTS))
    all = all.command(`${name} <node>`, help, withNode, (args) => act(args.node));
  return all.demandCommand(1, 'No command was given.').strict().version(false).exitProcess(false);
}

/** What stood behind `--`. */
function rest(args: Readonly<Record<string, unknown>>): string[] {
  const words = args['--'];
  if (Array.isArray(words) && words.length > 0) return words.map(String);
  throw new LabError('no-command', "The command is missing: write it behind '--'.");
}

try {
  await commands()
    .fail((message, error) => {
      if (error !== undefined) throw error;
      console.error(`vmlab: ${message} See 'npm run vmlab -- --help'.`);
      process.exitCode = 2;
    })
    .parseAsync();
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  console.error(`vmlab: ${error.message}`);
  process.exitCode = 1;
}
