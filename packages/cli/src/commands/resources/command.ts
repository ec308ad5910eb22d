import { type Command, globalsOf } from '../../command.ts';

const handlers = () => import('./handlers.ts');

export const resourcesCommand: Command = (yargs, run) =>
  yargs.command(
    'resources [action] [name]',
    'Show what is started and stopped with the role; take a resource into your own hands, or give it back',
    (own) =>
      own
        .positional('action', {
          choices: ['show', 'unmanage', 'manage'] as const,
          default: 'show' as const,
          describe:
            'unmanage: hamn looks at it and does nothing else, where it belongs; manage: hamn has it again.',
        })
        .positional('name', { type: 'string', describe: 'The resource.' })
        .option('node', { type: 'string', describe: 'On that node; the primary otherwise.' })
        .option('reason', { type: 'string', default: '', describe: 'Why it is in your hands.' })
        .option('json', { type: 'boolean', default: false, describe: 'Print the document.' }),
    (args) =>
      run(async (app) => {
        const { action, name, node, reason, json } = args;
        const { manage, showResources } = await handlers();
        if (action === 'show') return showResources({ ...globalsOf(args), node, json }, app);
        return manage({ ...globalsOf(args), on: action === 'unmanage', name, reason }, app);
      }),
  );

export const cleanupCommand: Command = (yargs, run) =>
  yargs.command(
    'cleanup [name]',
    'Forget the failures of a resource (of all without a name), so that it is tried again at once; nothing ever waits for it',
    (own) => own.positional('name', { type: 'string', describe: 'The resource.' }),
    (args) =>
      run(async (app) => {
        const { wish } = await handlers();
        return wish({ ...globalsOf(args), what: 'cleanup', name: args.name }, app);
      }),
  );

export const jobsCommand: Command = (yargs, run) =>
  yargs.command(
    'jobs [action] [name]',
    'Show the jobs after a take-over; run one once more; print what it said',
    (own) =>
      own
        .positional('action', {
          choices: ['show', 'run', 'output'] as const,
          default: 'show' as const,
          describe: 'run: once more, on the primary; output: what its newest run here wrote.',
        })
        .positional('name', { type: 'string', describe: 'The job.' })
        .option('json', { type: 'boolean', default: false, describe: 'Print the document.' }),
    (args) =>
      run(async (app) => {
        const { action, name, json } = args;
        const { jobOutput, showJobs, wish } = await handlers();
        if (action === 'run') return wish({ ...globalsOf(args), what: 'run', name }, app);
        if (action === 'output') return jobOutput({ ...globalsOf(args), name, json }, app);
        return showJobs({ ...globalsOf(args), json }, app);
      }),
  );
