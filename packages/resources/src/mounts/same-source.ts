import { realpath } from 'node:fs/promises';
import type { MountResource } from '@hamn/core';
import type { Mount } from './mount-table.ts';

/** Bind mounts show the device of what they show, so nothing can be compared. */
const bindTypes: ReadonlySet<string> = new Set(['none', 'bind']);

const tags: Readonly<Record<string, string>> = {
  UUID: '/dev/disk/by-uuid',
  LABEL: '/dev/disk/by-label',
  PARTUUID: '/dev/disk/by-partuuid',
  PARTLABEL: '/dev/disk/by-partlabel',
};

/** `UUID=...` as a path, in udev's notation for labels (`\x20`). */
function pathOf(source: string): string {
  const [, tag = '', value = ''] = /^([A-Z]+)=(.*)$/.exec(source) ?? [];
  const folder = tags[tag];
  if (folder === undefined) return source;
  const plain = value.replace(/^"(.*)"$/, '$1');
  const escaped = plain.replace(
    /[^A-Za-z0-9#+\-.:=@_]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `${folder}/${escaped}`;
}

/** Two names of one device are the same; only names below /dev are looked up, never those of file servers. */
const resolved = async (source: string): Promise<string> => {
  const path = pathOf(source);
  return path.startsWith('/dev/') ? realpath(path).catch(() => path) : path.replace(/(?<=.)\/+$/, '');
};

export async function isSameSource(wanted: MountResource, mounted: Mount): Promise<boolean> {
  if (bindTypes.has(wanted.type)) return true;
  const [own, there] = await Promise.all([resolved(wanted.source), resolved(mounted.source)]);
  return own === there;
}
