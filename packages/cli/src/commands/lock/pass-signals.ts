import type { Io } from '../../io.ts';
import type { Watchdog } from './watchdog.ts';

const passed = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const;

/** hamnctl itself goes on: it renews the lock until the command has ended. Returns how to stop passing them. */
export function passSignals(watchdog: Watchdog, io: Io): () => void {
  const handlers = passed.map((signal) => {
    const pass = (): void => watchdog.order({ kind: 'signal', signal });
    process.on(signal, pass);
    return () => process.off(signal, pass);
  });
  const refuse = (): void => {
    io.err('hamnctl cannot be suspended while it holds a lock: it would lose it.\n');
  };
  process.on('SIGTSTP', refuse);
  return () => {
    process.off('SIGTSTP', refuse);
    for (const off of handlers) off();
  };
}
