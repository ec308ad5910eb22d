import { done, fail, type Result } from '@hamn/core';
import { errnoName } from './native/errno.ts';
import { closeDescriptor, lastErrno, openSocket, sendTo } from './native/libc.ts';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

/**
 * Tells systemd something (`READY=1`, `WATCHDOG=1`, `STATUS=...`; sd_notify(3)). Never blocks: a systemd that does not read loses the
 * message. Ok without effect when systemd did not start this process.
 */
export function sdNotify(
  text: string,
  socketPath: string | undefined = process.env['NOTIFY_SOCKET'],
): Result<undefined, 'not-sent'> {
  if (socketPath === undefined || socketPath === '') return done;
  const descriptor = openSocket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return fail('not-sent', `systemd was not told '${text}': ${errnoName(lastErrno())}.`);
  const message = Buffer.from(text);
  const address = unixAddress(socketPath);
  const sent = sendTo(
    descriptor,
    message,
    message.length,
    MSG_DONTWAIT | MSG_NOSIGNAL,
    address,
    address.length,
  );
  const number = lastErrno();
  closeDescriptor(descriptor);
  return sent === message.length
    ? done
    : fail('not-sent', `systemd was not told '${text}': ${errnoName(number)}.`);
}

/** unix(7): a leading @ stands for the zero byte of an abstract name. */
function unixAddress(path: string): Buffer {
  const name = Buffer.from(path);
  if (path.startsWith('@')) name.writeUInt8(0, 0);
  const family = Buffer.alloc(2);
  family.writeUInt16LE(AF_UNIX, 0);
  return Buffer.concat([family, name]);
}

/** How often systemd wants to hear `WATCHDOG=1`, in milliseconds (the whole limit, not a share of it), when it wants to. */
export function watchdogMs(environment: NodeJS.ProcessEnv = process.env): number | undefined {
  const micros = Number(environment['WATCHDOG_USEC']);
  const pid = environment['WATCHDOG_PID'];
  if (pid !== undefined && pid !== String(process.pid)) return undefined;
  return Number.isFinite(micros) && micros > 0 ? micros / 1000 : undefined;
}
