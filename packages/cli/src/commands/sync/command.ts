import { type Command, globalsOf } from '../../command.ts';

const actions = ['status', 'now', 'diff', 'adopt'] as const;

export const syncCommand: Command = (yargs, run) =>
  yargs.command(
    'sync [action] [name]',
    'Show whether the standbys have the files of the primary; compare them now; list what differs',
    (own) =>
      own
        .positional('action', {
          choices: actions,
          default: 'status' as const,
          describe:
            'now: compare all files now; diff: list what differs and change nothing; adopt: the files of this primary count, although it never had a complete copy.',
        })
        .positional('name', { type: 'string', describe: 'The resource, where there are several.' })
        .option('yes', { alias: 'y', type: 'boolean', default: false, describe: 'adopt: do not ask back.' })
        .option('json', { type: 'boolean', default: false, describe: 'Print one JSON document.' }),
    (args) =>
      run(async (app) => {
        const { action, name, yes, json } = args;
        const { syncDiff, syncStatus, syncWish } = await import('./handlers.ts');
        const options = { ...globalsOf(args), name, yes, json };
        if (action === 'status') return syncStatus(options, app);
        return action === 'diff' ? syncDiff(options, app) : syncWish(action, options, app);
      }),
  );
