import { type Command, globalsOf } from '../../../command.ts';

export const discoverCommand: Command = (yargs, run) =>
  yargs.command(
    'discover',
    'Find the PostgreSQL that this node has, and print what cluster.yaml needs of it',
    (own) =>
      own
        .option('file', {
          alias: 'f',
          type: 'string',
          describe: 'The cluster’s settings, to compare xCAT’s host with the VIP; otherwise those in etcd.',
        })
        .option('json', { type: 'boolean', default: false, describe: 'Print it as a document.' })
        .option('root', { type: 'string', default: '', describe: 'Look below this directory instead of /.' }),
    (args) =>
      run(async (app) => {
        const { discover } = await import('./handler.ts');
        const { file, json, root } = args;
        return discover({ ...globalsOf(args), file, json, root }, app);
      }),
  );
