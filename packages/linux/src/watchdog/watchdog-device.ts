import { constants, readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { done, fail, ok, type Result } from '@hamn/core';
import { type KernelErrorCode, kernelErrorCode } from '../native/errno.ts';
import { ioctlAside } from '../native/libc.ts';

/**
 * The kernel's watchdog: it resets the machine when it was not petted for its timeout (Documentation/watchdog/watchdog-api.rst).
 * No call waits in the caller's thread, because a driver may wait for its hardware; make one at a time, and each with a limit of your own.
 */
export interface WatchdogDevice {
  /** What the driver calls itself, and whether closing without `stop` leaves it running. */
  readonly identity: string;
  readonly outlivesItsOwner: boolean;
  /** Sets the timeout and pets with it. Returns what the driver made of it, in seconds. Errors: `invalid`, a timeout that it cannot do. */
  setTimeout(seconds: number): Promise<Result<number, 'invalid'>>;
  pet(): Promise<Result<undefined, KernelErrorCode>>;
  /** Gives the device back. False: the driver cannot be switched off (nowayout), and the machine is reset unless it is petted again. */
  stop(): Promise<boolean>;
}

/** The ioctls of linux/watchdog.h, as x86-64 and aarch64 number them. */
const WDIOC_GETSUPPORT = 0x80285700;
const WDIOC_SETTIMEOUT = 0xc0045706;
const WDIOF_SETTIMEOUT = 0x0080;
const WDIOF_MAGICCLOSE = 0x0100;
const infoBytes = 40;
const identityAt = 8;

/** Any character but the magic one. */
const pat = Buffer.from('.');
const magic = Buffer.from('V');

/**
 * Opening starts the watchdog: from here on it must be petted. Errors: `not-found`, `busy` (another program holds it), `unsuitable` (no watchdog,
 * or one whose timeout cannot be set), and what the kernel says.
 */
export async function openWatchdog(
  path: string,
): Promise<Result<WatchdogDevice, KernelErrorCode | 'busy' | 'unsuitable'>> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_WRONLY);
  } catch (error) {
    return refusedOpen(path, error);
  }
  const info = Buffer.alloc(infoBytes);
  const isWatchdog = (await ioctlAside(file.fd, WDIOC_GETSUPPORT, info)) >= 0;
  const options = info.readUInt32LE(0);
  if (!isWatchdog || (options & WDIOF_SETTIMEOUT) === 0) {
    if (isWatchdog) await file.write(magic).catch(() => undefined);
    await file.close();
    return isWatchdog
      ? fail('unsuitable', `The timeout of the watchdog ${path} cannot be set.`)
      : fail('unsuitable', `${path} is no watchdog.`);
  }
  const identity = info.toString('latin1', identityAt).replace(/\0.*$/s, '');
  return ok(deviceOn(path, file, identity, (options & WDIOF_MAGICCLOSE) !== 0));
}

function refusedOpen(path: string, error: unknown): ReturnType<typeof fail<KernelErrorCode | 'busy'>> {
  const { code = '', errno = 0 } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  if (code === 'EBUSY')
    return fail(
      'busy',
      `Another program holds the watchdog ${path} (systemd's RuntimeWatchdogSec=, watchdogd).`,
    );
  if (code === 'ENOENT')
    return fail(
      'not-found',
      `There is no watchdog ${path}; load the driver of this machine's watchdog, or softdog.`,
    );
  return fail(kernelErrorCode(-errno), `The watchdog ${path} cannot be opened: ${code}.`);
}

function deviceOn(
  path: string,
  file: FileHandle,
  identity: string,
  outlivesItsOwner: boolean,
): WatchdogDevice {
  return {
    identity,
    outlivesItsOwner,
    async setTimeout(seconds) {
      const argument = Buffer.alloc(4);
      argument.writeInt32LE(seconds);
      const set = (await ioctlAside(file.fd, WDIOC_SETTIMEOUT, argument)) >= 0;
      return set
        ? ok(argument.readInt32LE(0))
        : fail('invalid', `The watchdog ${identity} refuses a timeout of ${seconds} s.`);
    },
    async pet() {
      try {
        await file.write(pat);
        return done;
      } catch (error) {
        const { code = '', errno = 0 } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
        return fail(kernelErrorCode(-errno), `The watchdog ${identity} cannot be petted: ${code}.`);
      }
    },
    async stop() {
      await file.write(magic).catch(() => undefined);
      await file.close().catch(() => undefined);
      return !isActive(path);
    },
  };
}

/** By the kernel's own word (Documentation/ABI/testing/sysfs-class-watchdog). /dev/watchdog is the old name of the first one. */
export function isActive(path: string, classDirectory = '/sys/class/watchdog'): boolean {
  const name = basename(path) === 'watchdog' ? 'watchdog0' : basename(path);
  try {
    return readFileSync(`${classDirectory}/${name}/state`, 'utf8').trim() === 'active';
  } catch {
    return false;
  }
}
