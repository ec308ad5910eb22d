import { statfs } from 'node:fs/promises';

/** Bytes that an unprivileged process may still write where `path` is; undefined when it cannot be told. */
export async function freeBytes(path: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

export async function totalBytes(path: string): Promise<number | undefined> {
  try {
    const { blocks, bsize } = await statfs(path);
    return blocks * bsize;
  } catch {
    return undefined;
  }
}

export const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MB`;

/** What programs and PostgreSQL say of a full disk or a used-up quota. */
export const saysNoSpace = (text: string): boolean =>
  /No space left on device|ENOSPC|Disk quota exceeded|EDQUOT/i.test(text);
