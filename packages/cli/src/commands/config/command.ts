import { type Command, globalsOf } from '../../command.ts';

export const configCommand: Command = (yargs, run) =>
  yargs.command('config', 'Show, check and change the cluster’s settings', (own) =>
    own
      .command(
        'show',
        'Print the settings that are in force, as they were written',
        (show) =>
          show.option('expanded', {
            type: 'boolean',
            default: false,
            describe: 'Every resource with all that was not written, such as the lines of a preset.',
          }),
        (args) =>
          run(async (app) => {
            const { showConfig } = await import('./show.ts');
            return showConfig({ ...globalsOf(args), expanded: args.expanded }, app);
          }),
      )
      .command(
        'validate <file>',
        'Check a file of settings without touching anything',
        (validate) => validate.positional('file', { type: 'string', demandOption: true }),
        (args) =>
          run(async (app) => {
            const { validateConfig } = await import('./validate.ts');
            return validateConfig({ ...globalsOf(args), file: args.file }, app);
          }),
      )
      .command(
        'apply <file>',
        'Check a file of settings, show what changes, and put it in force',
        (apply) =>
          apply
            .positional('file', { type: 'string', demandOption: true })
            .option('dry-run', { type: 'boolean', default: false, describe: 'Only check and show.' })
            .option('revision', {
              type: 'number',
              describe: 'Only if the settings still have this revision.',
            })
            .option('yes', { alias: 'y', type: 'boolean', default: false, describe: 'Do not ask back.' }),
        (args) =>
          run(async (app) => {
            const { applyConfig } = await import('./apply.ts');
            const { file, dryRun, revision, yes } = args;
            return applyConfig({ ...globalsOf(args), file, dryRun, revision, yes }, app);
          }),
      )
      .demandCommand(1, 'Say what to do with the settings: show, validate or apply.'),
  );
