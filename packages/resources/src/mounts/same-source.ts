import { realpath } from 'node:fs/promises';
import type { MountResource } from '@hamn/core';
import { type Mount, sourcePath } from '@hamn/linux';

/** Bind mounts show the device of what they show, so nothing can be compared. */
const bindTypes: ReadonlySet<string> = new Set(['none', 'bind']);

/** Two names of one device are the same; only names below /dev are looked up, never those of file servers. */
const resolved = async (source: string): Promise<string> => {
  const path = sourcePath(source);
  return path.startsWith('/dev/') ? realpath(path).catch(() => path) : path.replace(/(?<=.)\/+$/, '');
};

export async function isSameSource(wanted: MountResource, mounted: Mount): Promise<boolean> {
  if (bindTypes.has(wanted.type)) return true;
  const [own, there] = await Promise.all([resolved(wanted.source), resolved(mounted.source)]);
  return own === there;
}
