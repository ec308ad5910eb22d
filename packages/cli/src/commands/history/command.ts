import { type Command, globalsOf } from '../../command.ts';

export const historyCommand: Command = (yargs, run) =>
  yargs.command(
    'history',
    'List take-overs and hand-overs, with the milliseconds of each phase',
    (own) =>
      own
        .option('last', { alias: 'n', type: 'number', default: 10, describe: 'How many; 0 for all.' })
        .option('json', { type: 'boolean', default: false, describe: 'Print the document.' }),
    (args) =>
      run(async (app) => {
        const { history } = await import('./handler.ts');
        return history({ ...globalsOf(args), last: args.last, json: args.json }, app);
      }),
  );
