import { spawn } from 'node:child_process';
import { readBehaviour } from './behaviour.ts';
import { nodels, tabdump } from './look.ts';
import { type Printed, snmove, wait } from './snmove.ts';

/**
 * The double of snmove, nodels and tabdump: `main.ts DIRECTORY COMMAND ARGS`. As with the original, the command is only a client: the work is
 * done by another process (there xcatd), which goes on when the client is killed.
 */
async function main([directory = '', command = '', ...argv]: readonly string[]): Promise<void> {
  const does = readBehaviour(directory);
  if (does.hangs) await wait(600_000);
  if (command === 'snmove') return client(directory, argv);
  if (command === 'work') return print(await snmove(directory, argv, does));
  if (command === 'nodels') return print(nodels(directory, argv, does));
  if (command === 'tabdump') return print(tabdump(directory, argv));
  print({ out: [], errors: [`The double knows snmove, nodels and tabdump, not '${command}'.`], code: 1 });
}

/** As xcatd is nobody's child of the client: what ends the client and all that descends from it does not end the work. */
const apart = '("$@"; echo $? >&3) &';

function client(directory: string, argv: readonly string[]): void {
  const work = [process.execPath, process.argv[1] ?? '', directory, 'work', ...argv];
  const worker = spawn('setsid', ['sh', '-c', apart, 'sh', ...work], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  let code = '';
  worker.stdout?.pipe(process.stdout);
  worker.stderr?.pipe(process.stderr);
  worker.stdio[3]?.on('data', (text: Buffer) => {
    code += text.toString();
  });
  worker.on('close', () => {
    process.exitCode = code === '' ? 1 : Number(code);
  });
}

function print({ out, errors, code }: Printed): void {
  // A worker whose client is dead writes into a broken pipe.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  for (const line of out) console.log(line);
  for (const line of errors) console.error(line.startsWith('Error:') ? line : `Error: ${line}`);
  process.exitCode = code;
}

await main(process.argv.slice(2));
