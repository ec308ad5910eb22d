import type { Command } from '../../command.ts';
import { cloneProgressCommand } from './clone-progress-command.ts';
import { configCommand } from './config-command.ts';
import { discoverCommand } from './discover/command.ts';
import { maintenanceCommand } from './maintenance-command.ts';
import { restartCommand } from './restart-command.ts';

const parts: readonly Command[] = [
  discoverCommand,
  configCommand,
  cloneProgressCommand,
  restartCommand,
  maintenanceCommand,
];

export const pgCommand: Command = (yargs, run) =>
  yargs.command('pg', 'PostgreSQL: what the admin does with it', (own) =>
    parts.reduce((sum, part) => part(sum, run), own).demandCommand(1, 'Say what to do with PostgreSQL.'),
  );
