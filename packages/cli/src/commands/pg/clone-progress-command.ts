import { type Command, globalsOf } from '../../command.ts';

export const cloneProgressCommand: Command = (own, run) =>
  own.command(
    'clone-progress [node]',
    'Show how far clones and rewinds have come',
    (progress) =>
      progress
        .positional('node', { type: 'string', describe: 'Of this node only.' })
        .option('watch', {
          alias: 'w',
          type: 'boolean',
          default: false,
          describe: 'Go on showing it until no copy is under way.',
        })
        .option('json', { type: 'boolean', default: false, describe: 'Print an array, a line a look.' }),
    (args) =>
      run(async (app) => {
        const { cloneProgress } = await import('./clone-progress.ts');
        return cloneProgress(
          { ...globalsOf(args), node: args.node, watch: args.watch, json: args.json },
          app,
        );
      }),
  );
