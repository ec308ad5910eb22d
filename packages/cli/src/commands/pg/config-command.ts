import { type Command, globalsOf } from '../../command.ts';

export const configCommand: Command = (yargs, run) =>
  yargs.command('config', 'PostgreSQL’s own settings, the same on every node', (own) =>
    own
      .command(
        'show',
        'Print postgres.parameters as they are in force',
        (show) => show,
        (args) =>
          run(async (app) => {
            const { showParameters } = await import('./config.ts');
            return showParameters(globalsOf(args), app);
          }),
      )
      .command(
        'set <change..>',
        'Set NAME=VALUE, or take NAME- out, for every node at once',
        (set) =>
          set
            .positional('change', { type: 'string', array: true, demandOption: true })
            .option('dry-run', { type: 'boolean', default: false, describe: 'Only check and show.' })
            .option('revision', {
              type: 'number',
              describe: 'Only if the settings still have this revision.',
            })
            .option('yes', { alias: 'y', type: 'boolean', default: false, describe: 'Do not ask back.' }),
        (args) =>
          run(async (app) => {
            const { setParameters } = await import('./config.ts');
            const { change, dryRun, revision, yes } = args;
            return setParameters({ ...globalsOf(args), changes: change, dryRun, revision, yes }, app);
          }),
      )
      .command(
        'restart-pending',
        'Print which settings wait for a restart, node by node; exit 6 when any does',
        (pending) => pending,
        (args) =>
          run(async (app) => {
            const { showPending } = await import('./config.ts');
            return showPending(globalsOf(args), app);
          }),
      )
      .demandCommand(1, 'Say what to do with PostgreSQL’s settings: show, set or restart-pending.'),
  );
