import { type Command, globalsOf } from '../../command.ts';

export const makemnCommand: Command = (yargs, run) =>
  yargs.command(
    'makemn',
    'Make this node the management node, with the old one up or down',
    (own) =>
      own
        .option('allow-data-loss', {
          type: 'boolean',
          default: false,
          describe: 'Where the old one is gone: even if this node may lack acknowledged writes.',
        })
        .option('fix-site', {
          type: 'boolean',
          default: false,
          describe: 'Set xCAT’s site.master to the first VIP where it is none of the VIPs.',
        })
        .option('dry-run', { type: 'boolean', default: false, describe: 'Only check and show the steps.' })
        .option('wait', {
          type: 'boolean',
          default: true,
          describe: 'Wait until all is well; --no-wait only asks for it.',
        })
        .option('timeout', { type: 'number', default: 180, describe: 'Seconds for all of it.' })
        .option('json', { type: 'boolean', default: false, describe: 'For programs; progress on stderr.' })
        .option('yes', { alias: 'y', type: 'boolean', default: false, describe: 'Do not ask back.' }),
    (args) =>
      run(async (app) => {
        const { makemn } = await import('./handler.ts');
        const { allowDataLoss, fixSite, dryRun, wait, timeout: timeoutSeconds, json, yes } = args;
        return makemn(
          { ...globalsOf(args), allowDataLoss, fixSite, dryRun, wait, timeoutSeconds, json, yes },
          app,
        );
      }),
  );
