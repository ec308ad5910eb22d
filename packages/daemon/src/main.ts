import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { defaultNodeFile, readNodeFile } from '@hamn/config';
import { sdNotify, watchdogMs } from '@hamn/linux';
import { Daemon } from './daemon.ts';
import { readTls } from './node/tls-files.ts';
import { version } from './version.ts';

/** hamnd's exit codes: 0 asked to stop, 1 a broken invariant, 2 bad usage or node file. */
const usage = `hamnd [--config ${defaultNodeFile}] [--version]`;

function stop(message: string): never {
  process.stderr.write(`hamnd: ${message}\n`);
  process.exit(2);
}

function readArguments(): { readonly config: string } {
  try {
    const { values } = parseArgs({
      options: {
        config: { type: 'string', default: defaultNodeFile },
        version: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.version || values.help) {
      process.stdout.write(`${values.version ? version : usage}\n`);
      process.exit(0);
    }
    return { config: values.config };
  } catch (error) {
    return stop(`${error instanceof Error ? error.message : String(error)}\nUsage: ${usage}`);
  }
}

function readNode({ config }: ReturnType<typeof readArguments>): Daemon {
  let text: string;
  try {
    text = readFileSync(config, 'utf8');
  } catch (error) {
    return stop(
      `${config} cannot be read: ${error instanceof Error ? error.message : String(error)}. See /usr/share/doc/hamn/examples/hamn.yaml.`,
    );
  }
  const file = readNodeFile(text, config);
  if (!file.ok) return stop(file.error.message);
  const tls = readTls(file.value);
  if (!tls.ok) return stop(tls.error.message);
  return new Daemon(file.value, tls.value);
}

/** A broken invariant: the process dies at once, the guard keeps the node safe, systemd starts a fresh one. */
function dieOn(daemon: Daemon): (error: unknown) => void {
  return (error) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    daemon.journal.write({ event: 'broken-invariant', level: 'error', message: text });
    daemon.journal.flush();
    process.stderr.write(`hamnd: ${text}\n`);
    process.exit(1);
  };
}

const daemon = readNode(readArguments());
process.on('uncaughtException', dieOn(daemon));
process.on('unhandledRejection', dieOn(daemon));
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    sdNotify('STOPPING=1');
    const end = (): never => process.exit(0);
    daemon.stop().then(end, end);
  });
}
await daemon.start();
sdNotify('READY=1');
const limit = watchdogMs();
if (limit !== undefined) setInterval(() => sdNotify('WATCHDOG=1'), limit / 3);
