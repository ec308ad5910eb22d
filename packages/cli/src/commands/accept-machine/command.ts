import { type Command, globalsOf } from '../../command.ts';

export const acceptMachineCommand: Command = (yargs, run) =>
  yargs.command(
    'accept-machine',
    'Say that this machine is the node that its disk was set up as',
    (own) => own.option('yes', { type: 'boolean', default: false, describe: 'Do not ask back.' }),
    (args) =>
      run(async (app) => {
        const { acceptMachine } = await import('./handler.ts');
        return acceptMachine({ ...globalsOf(args), yes: args.yes }, app);
      }),
  );
