import { lockTtlSeconds } from '@hamn/core';
import { type Command, globalsOf } from '../../command.ts';

export const lockCommand: Command = (yargs, run) =>
  yargs.command(
    'lock [name] [-- command..]',
    'Run a command while no other node runs one under the same lock',
    (own) =>
      own
        .parserConfiguration({ 'populate--': true })
        .positional('name', { type: 'string', describe: 'The lock: what it protects, such as install.' })
        .option('wait', {
          type: 'string',
          default: '0s',
          describe: 'How long to wait for the lock: 30s, 10min. Without it the lock is had at once or not.',
        })
        .option('ttl', {
          type: 'string',
          default: `${lockTtlSeconds.usual}s`,
          describe: 'After this time the lock of a dead holder is free. Shorter ones are lost sooner.',
        })
        .option('list', { type: 'boolean', default: false, describe: 'Show who holds which lock.' })
        .option('json', { type: 'boolean', default: false, describe: 'With --list: print a document.' }),
    (args) =>
      run(async (app) => {
        const { lock } = await import('./handler.ts');
        const command = args['--'];
        const { name, wait, ttl, list, json } = args;
        return lock(
          {
            ...globalsOf(args),
            name,
            command: Array.isArray(command) ? command.map(String) : [],
            wait,
            ttl,
            list,
            json,
          },
          app,
        );
      }),
  );

/** Not for people: the process that stands over a command which runs under a lock. */
export const lockWatchdogCommand: Command = (yargs, run) =>
  yargs.command(
    'lock-watchdog',
    false,
    (own) => own,
    () =>
      run(async (app) => {
        const { lockWatchdog } = await import('./watchdog-process.ts');
        return lockWatchdog(app);
      }),
  );
