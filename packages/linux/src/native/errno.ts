import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';

/** What the kernel's refusals mean to hamn; `kernel` stands for every other errno. */
export type KernelErrorCode =
  | 'exists'
  | 'not-found'
  | 'no-device'
  | 'link-down'
  | 'denied'
  | 'invalid'
  | 'timeout'
  /** A dump that changes disturbed; worth another try. */
  | 'interrupted'
  | 'kernel';

const { errno } = constants;

const codes: ReadonlyMap<number, KernelErrorCode> = new Map<number, KernelErrorCode>([
  [errno.EEXIST, 'exists'],
  [errno.EADDRNOTAVAIL, 'not-found'],
  [errno.ENOENT, 'not-found'],
  [errno.ESRCH, 'not-found'],
  [errno.ENODEV, 'no-device'],
  [errno.ENXIO, 'no-device'],
  [errno.ENETDOWN, 'link-down'],
  [errno.EPERM, 'denied'],
  [errno.EACCES, 'denied'],
  [errno.EINVAL, 'invalid'],
]);

export const kernelErrorCode = (number: number): KernelErrorCode => codes.get(number) ?? 'kernel';

/** `EEXIST` and the like, for the end of a message. */
export function errnoName(number: number): string {
  try {
    return getSystemErrorName(-number);
  } catch {
    return `errno ${number}`;
  }
}
