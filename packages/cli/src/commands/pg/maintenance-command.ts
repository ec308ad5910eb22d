import { type Command, globalsOf } from '../../command.ts';

export const maintenanceCommand: Command = (own, run) =>
  own.command(
    'maintenance <state> [node]',
    'on: PostgreSQL on a node is in your hands, and may be stopped; off: hamn looks after it again',
    (maintenance) =>
      maintenance
        .positional('state', { choices: ['on', 'off'] as const, demandOption: true })
        .positional('node', { type: 'string', describe: 'The node; this one otherwise.' })
        .option('reason', { type: 'string', default: '', describe: 'Shown in status.' })
        .option('for', {
          type: 'string',
          default: '2h',
          describe: 'When it ends by itself: 30m, 2h, 1d.',
        })
        .option('timeout', {
          type: 'number',
          default: 30,
          describe: 'Seconds to wait until PostgreSQL may be stopped.',
        }),
    (args) =>
      run(async (app) => {
        const { maintenance } = await import('./maintenance.ts');
        const { state, node, reason, for: forText, timeout: timeoutSeconds } = args;
        return maintenance(
          { ...globalsOf(args), on: state === 'on', node, reason, forText, timeoutSeconds },
          app,
        );
      }),
  );
