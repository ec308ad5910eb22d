import { type Command, globalsOf } from '../../command.ts';

export const initCommand: Command = (yargs, run) =>
  yargs.command(
    'init',
    'Set the group of this node up in etcd, once, on the data node that leads first',
    (own) =>
      own
        .option('file', {
          alias: 'f',
          type: 'string',
          describe: 'The cluster’s settings (cluster.yaml).',
        })
        .option('from', {
          type: 'string',
          describe: 'For a further group: the group whose settings in etcd are taken in place of a file.',
        })
        .conflicts('file', 'from'),
    (args) =>
      run(async (app) => {
        const { init } = await import('./handler.ts');
        return init({ ...globalsOf(args), file: args.file, from: args.from }, app);
      }),
  );
