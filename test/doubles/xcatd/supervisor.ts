import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isMessage, type Message, tell } from './messages.ts';
import { paths } from './paths.ts';
import { replaceEarlier } from './replace-earlier.ts';

/** Start 1.8-3.0 s, stop 0.8 s, as measured with the original. */
const startMs = { least: 1800, most: 3000 } as const;
const stopMs = 800;

const listenerRoles = ['ssl', 'udp', 'monitor', 'log'] as const;

/** The main process: starts the five others, stands between the listener and the DB worker, and ends them all on SIGTERM. */
export async function runSupervisor(): Promise<void> {
  const start = performance.now();
  const takes = Number(
    process.env['XCATD_DOUBLE_START_MS'] ?? startMs.least + Math.random() * (startMs.most - startMs.least),
  );
  readFileSync(paths.cfgloc);
  await replaceEarlier();
  const worker = await child('db');
  const listeners: ChildProcess[] = [];
  for (const role of listenerRoles) listeners.push(await child(role));
  relay(listeners[0], worker);
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, start + takes - performance.now())));
  writeFileSync(paths.listenersFile, listeners.map((each) => each.pid).join('\n'));
  writeFileSync(paths.pidFile, `${process.pid}\n`);
  process.once('SIGTERM', () => stop([...listeners, worker]));
  tell({ kind: 'ready' });
}

/** Resolves when the child says that it is ready. @throws Error what it could not do */
function child(role: string): Promise<ChildProcess> {
  const started = fork(process.argv[1] ?? '', [role], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return new Promise((resolve, reject) => {
    started.once('exit', () => reject(new Error(`the ${role} process ended`)));
    started.on('message', (message) => {
      if (!isMessage(message)) return;
      if (message.kind === 'ready') resolve(started);
      if (message.kind === 'failed') reject(new Error(`the ${role} process failed: ${message.why}`));
    });
  });
}

function relay(listener: ChildProcess | undefined, worker: ChildProcess): void {
  const pass = (to: ChildProcess | undefined, kind: Message['kind']) => (message: unknown) => {
    if (isMessage(message) && message.kind === kind && to?.connected) to.send(message, () => undefined);
  };
  listener?.on('message', pass(worker, 'ask'));
  worker.on('message', pass(listener, 'answer'));
}

function stop(children: readonly ChildProcess[]): void {
  for (const each of children) each.kill('SIGTERM');
  rmSync(paths.listenersFile, { force: true });
  setTimeout(() => {
    rmSync(paths.pidFile, { force: true });
    process.exit(0);
  }, stopMs);
}
