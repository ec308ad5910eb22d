import { type Command, globalsOf } from '../../command.ts';
import { withChangeOptions } from '../../request/options.ts';

export const reinitCommand: Command = (yargs, run) =>
  yargs.command(
    'reinit <node>',
    'Throw a standby’s database away and clone it again from the primary',
    (own) =>
      withChangeOptions(own).positional('node', {
        type: 'string',
        demandOption: true,
        describe: 'The standby.',
      }),
    (args) =>
      run(async (app) => {
        const { reinit } = await import('./handler.ts');
        const { node, wait, timeout: timeoutSeconds, yes } = args;
        return reinit({ ...globalsOf(args), node, wait, timeoutSeconds, yes }, app);
      }),
  );
