import { mkdirSync } from 'node:fs';
import {
  bootClock,
  controlGroupRoot,
  lockProgram,
  openNetwork,
  type openWatchdog,
  raisePriority,
  sdNotify,
  watchdogMs,
  watchNetwork,
  writeLogLine,
} from '@hamn/linux';
import { DirectoryNames } from '../act/directory-names.ts';
import { Unmounter } from '../act/unmounter.ts';
import { NoteFile } from '../record/note-file.ts';
import { RecordFile } from '../record/record-file.ts';
import { Guard } from './guard.ts';
import { leave } from './leave.ts';
import type { GuardOptions } from './options.ts';
import { keepPolling } from './poll.ts';
import { type GuardServer, listen } from './server.ts';

/** sd-daemon(3): the journal reads the level from the prefix. */
const prefixes = { error: '<3>', warn: '<4>', info: '<6>' } as const;
const log = (level: keyof typeof prefixes, message: string): void =>
  writeLogLine(`${prefixes[level]}${message}`);

export function stop(message: string, code = 2): never {
  log('error', message);
  process.exit(code);
}

/** `open` makes the watchdog's device; a test gives a stand-in. */
export async function run(options: GuardOptions, open: typeof openWatchdog): Promise<void> {
  mkdirSync(options.directory, { recursive: true, mode: 0o755 });
  const network = openNetwork();
  const opened = network.open();
  if (!opened.ok) log('error', opened.error.message);
  const found = controlGroupRoot();
  const controlGroups = options.controlGroups === undefined ? found : { path: options.controlGroups };
  if (controlGroups === undefined)
    log('error', 'No control groups are mounted in /sys/fs/cgroup; units cannot be stopped.');

  let server: GuardServer | undefined;
  let wake = (): void => {};
  const guard = new Guard(options, {
    network,
    controlGroups,
    directories: new DirectoryNames(),
    unmounter: new Unmounter(),
    notes: new NoteFile(options.directory, bootClock.bootId()),
    files: new RecordFile(options.directory, bootClock.bootId()),
    log,
    openWatchdog: open,
    notify: (notice) => server?.notify(notice),
    armed: () => wake(),
  });
  // Listening first finds out whether another guard lives; nothing is served before `start` below, in the same turn.
  const listening = await listen(`${options.directory}/guard.sock`, () => guard);
  if (!listening.ok) stop(listening.error.message);
  server = listening.value;
  guard.start();
  watchNetwork((event) => guard.onNetwork(event));
  wake = keepPolling(guard, watchdogMs());
  const priority = raisePriority();
  if (!priority.ok) log('info', `${priority.error.message} A busy machine may make the guard late.`);
  const locked = lockProgram();
  if (!locked.ok) log('info', `${locked.error.message} A disk that hangs may make the guard late.`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      const end = (): never => process.exit(0);
      leave(guard).then(end, end);
    });
  }
  sdNotify('READY=1');
}
