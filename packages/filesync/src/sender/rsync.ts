import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ListedPath } from '@hamn/core';
import type { Listing } from './listing.ts';
import type { Receiver, SenderPlan } from './plan.ts';

/** The command lines of rsync. */

/** The name of the module in the receiver's rsyncd.conf. */
export const moduleName = 'files';

/** A connection that says nothing for so long is given up by both sides. */
const silenceSeconds = 10;

/**
 * `--modify-window=-1` compares nanoseconds: without it a change of the same size within a second is missed. `--delay-updates` puts all files of one
 * run in place at its end.
 */
const always = [
  '-lptgoDHAX',
  '--numeric-ids',
  '--delay-updates',
  '--modify-window=-1',
  `--timeout=${silenceSeconds}`,
  '--relative',
  '--no-implied-dirs',
] as const;

export interface RsyncRun {
  readonly arguments: readonly string[];
  /** For its standard input. */
  readonly input: string;
}

function common(plan: SenderPlan, listing: Listing, ssh: string, claim: string): readonly string[] {
  const kilobytes =
    plan.bytesPerSecond === undefined ? undefined : Math.max(1, Math.floor(plan.bytesPerSecond / 1024));
  return [
    ...always,
    ...(kilobytes === undefined ? [] : [`--bwlimit=${kilobytes}`]),
    `--rsync-path=hamn-sync ${plan.token} ${claim}`,
    '-e',
    ssh,
    ...listing.filters(),
  ];
}

const destination = ({ address }: Receiver): string =>
  `${address.includes(':') ? `[${address}]` : address}::${moduleName}/`;

/** These paths as they are now: made, changed or deleted. Nothing below a folder is looked at. */
export function pathsRun(
  plan: SenderPlan,
  listing: Listing,
  to: Receiver,
  ssh: string,
  claim: string,
  paths: readonly string[],
): RsyncRun {
  return {
    arguments: [
      ...common(plan, listing, ssh, claim),
      '--delete-missing-args',
      '--force',
      '--from0',
      '--files-from=-',
      '/',
      destination(to),
    ],
    input: paths.map((path) => `${path}\0`).join(''),
  };
}

/** All that these lines of the list name; what is too much at the receiver is deleted. */
export function compareRun(
  plan: SenderPlan,
  listing: Listing,
  to: Receiver,
  ssh: string,
  claim: string,
  lines: readonly ListedPath[],
  dryRun = false,
): RsyncRun {
  const patterns = lines.flatMap(({ pattern }) => pattern ?? []);
  const folders = [...new Set(patterns.map(({ folder }) => folder))];
  return {
    arguments: [
      ...common(plan, listing, ssh, claim),
      '-r',
      '--delete',
      '--force',
      '--out-format=%i %n',
      ...(dryRun ? ['--dry-run'] : []),
      ...patterns.map(({ folder, names }) => `--include=${folder}/${names}`),
      ...folders.map((folder) => `--exclude=${folder}/*`),
      ...lines.filter(({ pattern }) => pattern === undefined).map(({ path }) => path),
      ...folders,
      destination(to),
    ],
    input: '',
  };
}

export interface Changed {
  readonly paths: readonly string[];
  /** What only a comparison of the whole line keeps as it is: a file with another name, or a listed tree that went or came as a whole. */
  readonly lines: readonly ListedPath[];
  /** Lines that are missing or empty on this node: what changed there is not sent. */
  readonly skipped: readonly ListedPath[];
}

/** With their folders, whose times change with them. */
export function withFolders(paths: readonly string[], listing: Listing): Changed {
  const all = new Set<string>();
  const lines = new Set<ListedPath>();
  const isTroubled = new Map<ListedPath, boolean>();
  for (const path of paths) {
    const line = listing.of(path);
    if (line === undefined) continue;
    const troubled = isTroubled.get(line) ?? listing.trouble(line) !== undefined;
    isTroubled.set(line, troubled);
    if (troubled) continue;
    const kind = kindOf(path);
    if (kind === 'linked' || (line.path === path && kind !== 'file')) lines.add(line);
    // What is listed itself is never deleted elsewhere: a file that is being replaced, or a file system that is not mounted.
    if (kind === 'absent' && line.path === path) continue;
    all.add(path);
    const folder = dirname(path);
    // Named although it is gone, a folder would be deleted elsewhere with all that is in it.
    if (listing.of(folder) !== undefined && kindOf(folder) === 'folder') all.add(folder);
  }
  const skipped = [...isTroubled].flatMap(([line, troubled]) => (troubled ? [line] : []));
  return { paths: [...all], lines: [...lines], skipped };
}

/** `linked`: it has another name. */
function kindOf(path: string): 'absent' | 'folder' | 'file' | 'linked' {
  try {
    const stats = lstatSync(path);
    if (stats.isDirectory()) return 'folder';
    return stats.nlink > 1 ? 'linked' : 'file';
  } catch {
    return 'absent';
  }
}
