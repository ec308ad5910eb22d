import { type Command, globalsOf } from '../../command.ts';

export const fenceCommand: Command = (yargs, run) =>
  yargs.command(
    'fence [node]',
    'Switch a node off through its fencing devices, or say that it is off',
    (own) =>
      own
        .positional('node', { type: 'string', describe: 'The node that is to be off; not this one.' })
        .option('list', {
          type: 'boolean',
          default: false,
          describe: 'Ask the devices for their status, and change nothing.',
        })
        .option('off', { type: 'boolean', default: false, describe: 'Leave it off, whatever is set for it.' })
        .option('reboot', {
          type: 'boolean',
          default: false,
          describe: 'Switch it on again afterwards, whatever is set for it.',
        })
        .option('confirmed-by-hand', {
          type: 'boolean',
          default: false,
          describe: 'Use no device: you have seen with your own eyes that it is off.',
        })
        .option('yes', { alias: 'y', type: 'boolean', default: false, describe: 'Do not ask back.' })
        .option('json', { type: 'boolean', default: false, describe: 'With --list: print a document.' }),
    (args) =>
      run(async (app) => {
        const { fence } = await import('./handler.ts');
        const { node, list, off, reboot, confirmedByHand, yes, json } = args;
        return fence({ ...globalsOf(args), node, list, off, reboot, confirmedByHand, yes, json }, app);
      }),
  );
