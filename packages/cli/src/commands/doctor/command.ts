import { type Command, globalsOf } from '../../command.ts';

export const doctorCommand: Command = (yargs, run) =>
  yargs.command(
    'doctor',
    'Look at this node for what would go wrong later, and say how to mend it',
    (own) =>
      own
        .option('all', { type: 'boolean', default: false, describe: 'Show what is well, too.' })
        .option('json', { type: 'boolean', default: false, describe: 'Print the findings as a document.' }),
    (args) =>
      run(async (app) => {
        const { doctor } = await import('./handler.ts');
        return doctor({ ...globalsOf(args), all: args.all, json: args.json }, app);
      }),
  );
