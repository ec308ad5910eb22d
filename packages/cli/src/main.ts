#!/usr/bin/env node
import package_ from '../package.json' with { type: 'json' };
import type { App } from './app.ts';
import { processIo } from './io.ts';
import { runProgram } from './program.ts';

/** A reader that has seen enough (`hamnctl history | head`) is no error. */
function quietOnBrokenPipe(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: Error & { readonly code?: unknown }) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

quietOnBrokenPipe(process.stdout);
quietOnBrokenPipe(process.stderr);

const argv = process.argv.slice(2);
const app: App = {
  io: processIo({ color: !argv.includes('--no-color') }),
  version: package_.version,
  openStore: async (file, group) => (await import('./connect/open-store.ts')).openStore(file, group),
  openLocks: async (file, group) => (await import('./connect/open-store.ts')).openLocks(file, group),
};
process.exitCode = await runProgram(argv, app);
// Whatever still holds the loop (a connection that closes slowly) must not hold the prompt.
setTimeout(() => process.exit(), 500).unref();
