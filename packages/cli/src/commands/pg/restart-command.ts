import { type Command, globalsOf } from '../../command.ts';

export const restartCommand: Command = (own, run) =>
  own.command(
    'restart [nodes..]',
    'Restart PostgreSQL, standbys first, one after the other; the primary last, after a switchover',
    (restart) =>
      restart
        .positional('nodes', { type: 'string', array: true, default: [], describe: 'The nodes.' })
        .option('all', { type: 'boolean', default: false, describe: 'Every data node.' })
        .option('pending-only', {
          type: 'boolean',
          default: false,
          describe: 'Only nodes with a setting that waits for a restart.',
        })
        .option('in-place', {
          type: 'boolean',
          default: false,
          describe: 'The primary restarts under its term (an outage of its restart) and no role moves.',
        })
        .option('timeout', {
          type: 'number',
          default: 300,
          describe: 'Seconds for each node until it streams and is synchronous again.',
        })
        .option('dry-run', { type: 'boolean', default: false, describe: 'Only show the steps.' })
        .option('yes', { alias: 'y', type: 'boolean', default: false, describe: 'Do not ask back.' }),
    (args) =>
      run(async (app) => {
        const { restartNodes } = await import('./restart.ts');
        const { nodes, all, pendingOnly, inPlace, timeout: timeoutSeconds, dryRun, yes } = args;
        return restartNodes(
          { ...globalsOf(args), nodes, all, pendingOnly, inPlace, timeoutSeconds, dryRun, yes },
          app,
        );
      }),
  );
