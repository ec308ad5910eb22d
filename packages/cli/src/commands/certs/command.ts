import type { Command } from '../../command.ts';

export const certsCommand: Command = (yargs, run) =>
  yargs.command('certs', 'Make the cluster’s certificates', (own) =>
    own
      .command(
        'ca',
        'Make the cluster’s own authority, once, on one node',
        (ca) => ca.option('dir', { type: 'string', default: '/etc/hamn/ca', describe: 'Where it is kept.' }),
        (args) =>
          run(async (app) => {
            const { makeCa } = await import('./handler.ts');
            return makeCa({ dir: args.dir }, app);
          }),
      )
      .command(
        'node <name>',
        'Make the certificate of one node, to be copied to it',
        (node) =>
          node
            .positional('name', { type: 'string', demandOption: true, describe: 'As in the node file.' })
            .option('address', {
              type: 'string',
              array: true,
              demandOption: true,
              describe: 'An address of the node; may be given several times.',
            })
            .option('dir', { type: 'string', default: '/etc/hamn/ca', describe: 'Where the authority is.' })
            .option('out', { type: 'string', default: '/etc/hamn/tls', describe: 'Where the files go.' }),
        (args) =>
          run(async (app) => {
            const { makeNode } = await import('./handler.ts');
            const { name, address: addresses, dir, out } = args;
            return makeNode({ name, addresses, dir, out }, app);
          }),
      )
      .demandCommand(1, 'Say what to make: ca or node.'),
  );
