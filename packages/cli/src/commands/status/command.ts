import { type Command, globalsOf } from '../../command.ts';

export const statusCommand: Command = (yargs, run) =>
  yargs.command(
    'status',
    'Show who is primary, how all nodes are, and what is wrong',
    (own) =>
      own
        .option('watch', {
          alias: 'w',
          type: 'boolean',
          describe: 'Go on showing it, until Ctrl-C.',
        })
        .option('interval', {
          type: 'number',
          default: 1,
          describe: 'Seconds between two looks (with --watch).',
        })
        .option('json', {
          type: 'boolean',
          default: false,
          describe: 'Print the document; a line each with --watch.',
        })
        .option('all', {
          alias: 'a',
          type: 'boolean',
          describe: 'Every group of the cluster, not only this node’s.',
        })
        .conflicts('all', 'watch'),
    (args) =>
      run(async (app) => {
        if (args.all === true) {
          const { statusOfAll } = await import('./all-groups.ts');
          return statusOfAll({ ...globalsOf(args), json: args.json }, app);
        }
        const { status } = await import('./handler.ts');
        return status(
          {
            ...globalsOf(args),
            watch: args.watch === true,
            intervalMs: args.interval * 1000,
            json: args.json,
          },
          app,
        );
      }),
  );
