import { type Command, globalsOf } from '../../command.ts';

export const doctorCommand: Command = (yargs, run) =>
  yargs.command(
    'doctor',
    'Look at this node for what would go wrong later, and say how to mend it',
    (own) =>
      own
        .option('all', { type: 'boolean', default: false, describe: 'Show what is well, too.' })
        .option('json', { type: 'boolean', default: false, describe: 'Print the findings as a document.' })
        .command(
          'disks',
          'Look at this node’s disks and network files before its disks are carried into another chassis',
          (disks) => disks,
          (args) =>
            run(async (app) => {
              const { doctorDisks } = await import('./disks/handler.ts');
              return doctorDisks({ ...globalsOf(args), all: args.all, json: args.json }, app);
            }),
        ),
    (args) =>
      run(async (app) => {
        const { doctor } = await import('./handler.ts');
        return doctor({ ...globalsOf(args), all: args.all, json: args.json }, app);
      }),
  );
