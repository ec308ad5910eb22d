import { write } from 'node:fs';
import { isatty } from 'node:tty';
import { lastErrno, sendOn } from './native/libc.ts';

const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const ENOTSOCK = 88;
const mostUnderWay = 16;
let underWay = 0;

/**
 * Writes a line to a descriptor (2: the journal, under systemd) and never waits for the reader: what it does not take is lost. Node's own
 * stderr waits. A journal is a socket and is asked not to wait; anything else is written by another thread, a few lines at a time.
 */
export function writeLogLine(text: string, descriptor = 2): void {
  const bytes = Buffer.from(`${text}\n`);
  if (!isatty(descriptor)) {
    const sent = sendOn(descriptor, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0 || lastErrno() !== ENOTSOCK) return;
  }
  if (underWay >= mostUnderWay) return;
  underWay += 1;
  write(descriptor, bytes, () => {
    underWay -= 1;
  });
}
