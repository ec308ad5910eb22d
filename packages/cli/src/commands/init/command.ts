import { type Command, globalsOf } from '../../command.ts';

export const initCommand: Command = (yargs, run) =>
  yargs.command(
    'init',
    'Set the cluster up in etcd, once, on the first data node',
    (own) =>
      own.option('file', {
        alias: 'f',
        type: 'string',
        demandOption: true,
        describe: 'The cluster’s settings (cluster.yaml).',
      }),
    (args) =>
      run(async (app) => {
        const { init } = await import('./handler.ts');
        return init({ ...globalsOf(args), file: args.file }, app);
      }),
  );
