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
          default: false,
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
        }),
    (args) =>
      run(async (app) => {
        const { status } = await import('./handler.ts');
        return status(
          { ...globalsOf(args), watch: args.watch, intervalMs: args.interval * 1000, json: args.json },
          app,
        );
      }),
  );
