import { type Command, globalsOf } from '../../command.ts';

export const importCommand: Command = (yargs, run) =>
  yargs.command('import', 'Make settings of hamn from another manager’s', (own) =>
    own
      .command(
        'pacemaker <file>',
        'Read a CIB of pacemaker (cibadmin --query), print settings, and list what is not carried over',
        (pacemaker) =>
          pacemaker
            .positional('file', { type: 'string', demandOption: true })
            .option('node', {
              type: 'string',
              array: true,
              default: [],
              describe: 'NAME=ADDRESS of each node: a CIB has names only.',
            })
            .option('witness', {
              type: 'string',
              array: true,
              default: [],
              describe: 'NAME=ADDRESS of a node that votes in etcd and nothing else.',
            })
            .option('interface', {
              type: 'string',
              describe: 'The network interface of addresses whose `nic` the CIB does not name.',
            }),
        (args) =>
          run(async (app) => {
            const { importPacemaker } = await import('./handler.ts');
            const { file, node, witness } = args;
            return importPacemaker(
              { ...globalsOf(args), file, nodes: node, witnesses: witness, interface: args.interface },
              app,
            );
          }),
      )
      .demandCommand(1, 'Say what to import: pacemaker.'),
  );
