import type { LockPort } from '@hamn/engine';
import type { App } from '../../app.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { formatTime } from '../../text/quantities.ts';
import { plainTable } from '../../text/table.ts';

const listMs = 4000;

export async function listLocks(locks: LockPort, json: boolean, { io }: App): Promise<ExitCode> {
  const all = await locks.list(listMs);
  if (!all.ok) {
    io.err(`${all.error.message}\n`);
    return exitCodes.unreachable;
  }
  if (json) {
    const rows = all.value.map(({ name, token, value }) => ({ name, token, ...value, nonce: undefined }));
    io.out(`${JSON.stringify({ schema: 1, locks: rows }, undefined, 2)}\n`);
  } else if (all.value.length === 0) io.out('No lock is held.\n');
  else {
    const rows = all.value.map(({ name, token, value }) =>
      value === undefined
        ? [name, String(token), '?', '?', '?', 'a text that hamnctl did not write']
        : [name, String(token), value.node, String(value.pid), formatTime(value.sinceWallMs), value.command],
    );
    io.out(`${plainTable(['LOCK', 'TOKEN', 'NODE', 'PID', 'SINCE', 'COMMAND'], rows, io.columns)}\n`);
  }
  return exitCodes.ok;
}
