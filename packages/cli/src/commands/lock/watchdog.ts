import { spawn } from 'node:child_process';
import { type LockOrder, type LockReport, lockReportSchema } from '@hamn/core';

/** hamnctl's end of the channel to the process that stands over the command. */
export interface Watchdog {
  order(order: LockOrder): void;
  /** Each report, and `gone` once when the process has ended, whatever the reason. */
  listen(onReport: (report: LockReport | { readonly kind: 'gone' }) => void): void;
  close(): void;
}

/** A process of its own, in a session of its own: what stops or ends hamnctl does not reach it. It inherits the streams, for the command. */
export function startWatchdog(): Watchdog {
  const listeners: ((report: LockReport | { readonly kind: 'gone' }) => void)[] = [];
  const program = [...process.execArgv, process.argv[1] ?? '', 'lock-watchdog'];
  const child = spawn(process.execPath, program, {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    detached: true,
  });
  const tell = (report: LockReport | { readonly kind: 'gone' }): void => {
    for (const listener of listeners) listener(report);
  };
  child.on('message', (message) => {
    const report = lockReportSchema.safeParse(message);
    if (report.success) tell(report.data);
  });
  // An order to a process that has just ended is told by its exit.
  child.on('error', () => undefined);
  const gone = (): void => tell({ kind: 'gone' });
  // Its last words may still be on their way when it has ended: which command it has started, above all.
  child.once('close', () => (child.connected ? child.once('disconnect', gone) : gone()));
  return {
    order: (order) => {
      if (child.connected) child.send(order, () => undefined);
    },
    listen: (onReport) => listeners.push(onReport),
    close: () => {
      if (child.connected) child.disconnect();
    },
  };
}
