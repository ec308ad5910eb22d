import { spawn } from 'node:child_process';
import { isMessage } from './messages.ts';

/** What the unit starts: it ends when the main process, now on its own, is ready (Type=forking). */
export function runStart(): void {
  const main = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', 'main'], {
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  main.on('message', (message) => {
    if (isMessage(message) && message.kind === 'ready') process.exit(0);
  });
  main.once('exit', (code) => {
    console.error(`xcatd double: the main process ended with ${code ?? 'a signal'} before it was ready.`);
    process.exit(1);
  });
}
