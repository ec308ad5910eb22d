import { type Command, globalsOf } from '../../command.ts';

const statusCommand: Command = (own, run) =>
  own.command(
    'status',
    'Show each service node, what was moved where, and what is under way',
    (status) =>
      status.option('json', { type: 'boolean', default: false, describe: 'Print one JSON document.' }),
    (args) =>
      run(async (app) => {
        const { snStatus } = await import('./status.ts');
        return snStatus({ ...globalsOf(args), json: args.json }, app);
      }),
  );

const moveCommand: Command = (own, run) =>
  own.command(
    'move <bad> [good]',
    'Move the nodes of a service node that is down or in maintenance',
    (move) =>
      move
        .positional('bad', { type: 'string', demandOption: true, describe: 'Whose nodes move.' })
        .positional('good', {
          type: 'string',
          describe: 'Where all of them go; as `hamnctl sn status` proposes otherwise.',
        })
        .option('yes', { alias: 'y', type: 'boolean', default: false, describe: 'Do not ask back.' }),
    (args) =>
      run(async (app) => {
        const { snMove } = await import('./wish.ts');
        return snMove(
          { ...globalsOf(args), name: args.bad, to: args.good, yes: args.yes, force: false },
          app,
        );
      }),
  );

const failbackCommand: Command = (own, run) =>
  own.command(
    'failback <name>',
    'Bring the nodes of a service node home that hamn moved away',
    (failback) =>
      failback
        .positional('name', { type: 'string', demandOption: true, describe: 'Whose nodes come home.' })
        .option('force', {
          type: 'boolean',
          default: false,
          describe: 'Do not wait until it has been up for moves.failbackSoak.',
        })
        .option('yes', { alias: 'y', type: 'boolean', default: false, describe: 'Do not ask back.' }),
    (args) =>
      run(async (app) => {
        const { snFailback } = await import('./wish.ts');
        const { name, force, yes } = args;
        return snFailback({ ...globalsOf(args), name, to: undefined, force, yes }, app);
      }),
  );

const cancelCommand: Command = (own, run) =>
  own.command(
    'cancel <name>',
    'Begin no further batch of what was asked for a service node',
    (cancel) =>
      cancel.positional('name', { type: 'string', demandOption: true, describe: 'The service node.' }),
    (args) =>
      run(async (app) => {
        const { snCancel } = await import('./wish.ts');
        return snCancel({ ...globalsOf(args), name: args.name }, app);
      }),
  );

const exportsCommand: Command = (own, run) =>
  own.command(
    'exports <path>',
    'Print the lines of /etc/exports by which NFSv4 clients of a service node are told of the others',
    (exported) =>
      exported
        .positional('path', {
          type: 'string',
          demandOption: true,
          describe: 'What each of them exports alike, such as /install.',
        })
        .option('clients', {
          type: 'string',
          default: '*',
          describe: 'Who may mount it, as exports(5) has it.',
        })
        .option('options', {
          type: 'string',
          default: 'rw,no_root_squash',
          describe: 'Further options of exports(5), with commas.',
        })
        .option('pool', { type: 'string', describe: 'Only the service nodes of this pool.' })
        .option('server', {
          type: 'string',
          array: true,
          default: [],
          describe: 'These in place of the service nodes of the settings; then hamnd is not asked.',
        })
        .option('json', { type: 'boolean', default: false, describe: 'Print one JSON document.' }),
    (args) =>
      run(async (app) => {
        const { snExports } = await import('./exports.ts');
        const { path, clients, options: mountOptions, pool, server: servers, json } = args;
        return snExports({ ...globalsOf(args), path, clients, mountOptions, pool, servers, json }, app);
      }),
  );

const parts: readonly Command[] = [
  statusCommand,
  moveCommand,
  failbackCommand,
  cancelCommand,
  exportsCommand,
];

export const snCommand: Command = (yargs, run) =>
  yargs.command('sn', 'xCAT’s service nodes and the nodes that they serve', (own) =>
    parts.reduce((sum, part) => part(sum, run), own).demandCommand(1, 'Say what to do with service nodes.'),
  );
