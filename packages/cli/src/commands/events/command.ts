import { type Command, globalsOf } from '../../command.ts';

export const eventsCommand: Command = (yargs, run) =>
  yargs.command(
    'events',
    'Show what this node’s hamnd did and why',
    (own) =>
      own
        .option('follow', {
          alias: 'f',
          type: 'boolean',
          default: false,
          describe: 'Go on as they happen, until Ctrl-C.',
        })
        .option('since', {
          type: 'string',
          describe: 'Only newer ones: a sequence number, or a length of time such as 10min.',
        })
        .option('json', { type: 'boolean', default: false, describe: 'One JSON document a line.' }),
    (args) =>
      run(async (app) => {
        const { events } = await import('./handler.ts');
        return events({ ...globalsOf(args), follow: args.follow, since: args.since, json: args.json }, app);
      }),
  );
