/** One line of /proc/PID/mountinfo. Source: proc_pid_mountinfo(5). */
export interface Mount {
  /** `major:minor` of the file system. */
  readonly device: string;
  readonly target: string;
  readonly type: string;
  readonly source: string;
  /** Of this mount, and of the file system: `ro` in either means that nothing can be written. */
  readonly options: readonly string[];
  readonly superOptions: readonly string[];
}

/** Blanks and the like stand as `\040`. */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

/** In the order in which they were mounted: of two with one target the later one is seen. Lines of an unknown form are left out. */
export const parseMounts = (text: string): readonly Mount[] =>
  text.split('\n').flatMap((line) => {
    const fields = line.split(' ');
    const dash = fields.indexOf('-', 6);
    const [, , device, , target, options] = fields;
    const [type, source, superOptions] = dash < 0 ? [] : fields.slice(dash + 1);
    if (device === undefined || target === undefined || type === undefined || source === undefined) return [];
    return [
      {
        device,
        target: unescaped(target),
        type,
        source: unescaped(source),
        options: (options ?? '').split(','),
        superOptions: (superOptions ?? '').split(','),
      },
    ];
  });

/** What is seen at a path. */
export const mountAt = (mounts: readonly Mount[], target: string): Mount | undefined =>
  mounts.findLast((mount) => mount.target === target);

/** What is mounted below it, and keeps it busy. */
export const mountsBelow = (mounts: readonly Mount[], target: string): readonly Mount[] =>
  mounts.filter((mount) => mount.target.startsWith(`${target}/`));

/** Without needless slashes, as the kernel has it. */
export const plainPath = (path: string): string => path.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');

const tags: Readonly<Record<string, string>> = {
  UUID: '/dev/disk/by-uuid',
  LABEL: '/dev/disk/by-label',
  PARTUUID: '/dev/disk/by-partuuid',
  PARTLABEL: '/dev/disk/by-partlabel',
};

/** What is to be mounted as the path that udev makes for it: `UUID=...` below /dev/disk, in udev's notation for labels (`\x20`). Others as they are. */
export function sourcePath(source: string): string {
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
