import { type Command, globalsOf } from '../../command.ts';

export const explainCommand: Command = (yargs, run) =>
  yargs.command(
    'explain [node]',
    'Say for each node what it does, why it may or may not lead, and which rules decided',
    (own) =>
      own
        .positional('node', { type: 'string', describe: 'This node alone.' })
        .option('json', { type: 'boolean', default: false, describe: 'Print the document.' }),
    (args) =>
      run(async (app) => {
        const { explain } = await import('./handler.ts');
        return explain({ ...globalsOf(args), node: args.node, json: args.json }, app);
      }),
  );
