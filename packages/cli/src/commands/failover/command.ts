import { type Command, globalsOf } from '../../command.ts';
import { withChangeOptions } from '../../request/options.ts';

export const failoverCommand: Command = (yargs, run) =>
  yargs.command(
    'failover',
    'Let another node take over because the primary is gone',
    (own) =>
      withChangeOptions(own)
        .option('to', { type: 'string', describe: 'The node that is to lead; the best candidate otherwise.' })
        .option('allow-data-loss', {
          type: 'boolean',
          default: false,
          describe: 'Promote even a standby that may lack acknowledged writes.',
        })
        .option('dry-run', { type: 'boolean', default: false, describe: 'Only check and show.' }),
    (args) =>
      run(async (app) => {
        const { changeRole } = await import('../../request/change-role.ts');
        const { planFailover } = await import('@hamn/api');
        const { dryRun, wait, timeout: timeoutSeconds, yes, to, allowDataLoss } = args;
        return changeRole(
          { ...globalsOf(args), kind: 'failover', allowDataLoss, dryRun, wait, timeoutSeconds, yes },
          (status) => planFailover(status, to, allowDataLoss),
          app,
        );
      }),
  );
