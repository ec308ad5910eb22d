import { type Command, globalsOf } from '../../command.ts';
import { withChangeOptions } from '../../request/options.ts';

export const switchoverCommand: Command = (yargs, run) =>
  yargs.command(
    'switchover',
    'Move the role to another node, both sides alive, losing nothing',
    (own) =>
      withChangeOptions(own)
        .option('to', { type: 'string', describe: 'The node that is to lead; the best candidate otherwise.' })
        .option('at', {
          type: 'string',
          describe: 'Not now: an ISO time, HH:MM (the next one, this machine’s zone), or +30m.',
        })
        .option('cancel', { type: 'boolean', default: false, describe: 'Drop the scheduled switchover.' })
        .option('dry-run', { type: 'boolean', default: false, describe: 'Only check and show.' }),
    (args) =>
      run(async (app) => {
        const { dryRun, wait, timeout: timeoutSeconds, yes, to, at, cancel } = args;
        if (cancel || at !== undefined) {
          const { cancelScheduled, scheduleSwitchover } = await import('./schedule.ts');
          if (cancel) return cancelScheduled(globalsOf(args), app);
          return scheduleSwitchover({ ...globalsOf(args), at: at ?? '', to, dryRun }, app);
        }
        const { changeRole } = await import('../../request/change-role.ts');
        const { planSwitchover } = await import('@hamn/api');
        return changeRole(
          { ...globalsOf(args), kind: 'switchover', allowDataLoss: false, dryRun, wait, timeoutSeconds, yes },
          (status) => planSwitchover(status, to),
          app,
        );
      }),
  );
