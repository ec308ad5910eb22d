import { type Command, globalsOf } from '../../command.ts';

export const pauseCommand: Command = (yargs, run) =>
  yargs.command(
    'pause',
    'Forbid every change of role by itself, for maintenance',
    (own) => own.option('reason', { type: 'string', default: '', describe: 'Shown in status until resume.' }),
    (args) =>
      run(async (app) => {
        const { pause } = await import('./handler.ts');
        return pause({ ...globalsOf(args), reason: args.reason }, app);
      }),
  );

export const resumeCommand: Command = (yargs, run) =>
  yargs.command(
    'resume',
    'Allow changes of role again',
    (own) => own,
    (args) =>
      run(async (app) => {
        const { resume } = await import('./handler.ts');
        return resume(globalsOf(args), app);
      }),
  );
