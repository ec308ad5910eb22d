import { type Command, globalsOf } from '../../command.ts';
import { withChangeOptions } from '../../request/options.ts';

export const switchoverCommand: Command = (yargs, run) =>
  yargs.command(
    'switchover',
    'Move the role to another node, both sides alive, losing nothing',
    (own) =>
      withChangeOptions(own)
        .option('to', { type: 'string', describe: 'The node that is to lead; the best candidate otherwise.' })
        .option('dry-run', { type: 'boolean', default: false, describe: 'Only check and show.' }),
    (args) =>
      run(async (app) => {
        const { changeRole } = await import('../../request/change-role.ts');
        const { planSwitchover } = await import('@hamn/api');
        const { dryRun, wait, timeout: timeoutSeconds, yes, to } = args;
        return changeRole(
          { ...globalsOf(args), kind: 'switchover', allowDataLoss: false, dryRun, wait, timeoutSeconds, yes },
          (status) => planSwitchover(status, to),
          app,
        );
      }),
  );
