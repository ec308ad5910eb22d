import { type FSWatcher, lstatSync, readdirSync, type Stats, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Listing } from './listing.ts';

export interface TreeWatchEvents {
  /** A path that is copied was made, changed, renamed or deleted. */
  readonly onDirty: (path: string) => void;
  /** Something may have been missed: everything is to be compared. */
  readonly onDoubt: (reason: string) => void;
}

interface Watched {
  readonly watcher: FSWatcher;
  readonly inode: bigint;
}

/**
 * So many events from one look to the next are a storm. The kernel's queue holds 16384 (fs.inotify.max_queued_events); what it drops then is not told
 * by `fs.watch`, but whoever filled it is seen here as a storm.
 */
const stormEvents = 4000;

/**
 * One inotify watch for each folder (not for each file), as Node's plain `fs.watch` makes it. After a storm everything is in doubt. Symbolic links are
 * not followed.
 */
export class TreeWatch {
  readonly #listing: Listing;
  readonly #events: TreeWatchEvents;
  readonly #watched = new Map<string, Watched>();
  #trouble: string | undefined;
  #seenSinceLook = 0;
  #isStorm = false;

  constructor(listing: Listing, events: TreeWatchEvents) {
    this.#listing = listing;
    this.#events = events;
    this.look();
  }

  /** Watches what has come since: a listed path whose folder did not exist. Cheap; to be called now and then. */
  look(): void {
    const isCalm = this.#seenSinceLook < stormEvents;
    this.#seenSinceLook = 0;
    if (this.#isStorm && isCalm) this.#events.onDoubt('More changed at once than the kernel may have told.');
    this.#isStorm = !isCalm;
    for (const { path, pattern } of this.#listing.listed) {
      // From its folder a listed path is seen to come, to go and to be replaced.
      this.#watch(pattern?.folder ?? dirname(path));
      if (pattern === undefined) this.#enter(path, false);
      else for (const name of namesIn(pattern.folder)) this.#enter(join(pattern.folder, name), false);
    }
  }

  get folders(): number {
    return this.#watched.size;
  }

  /** Why something is not watched; undefined: all is. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  close(): void {
    for (const { watcher } of this.#watched.values()) watcher.close();
    this.#watched.clear();
  }

  /** Watches a folder and all below. `tell`: it is new, so all in it is, too. */
  #enter(path: string, tell: boolean): void {
    const waiting = [path];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (this.#listing.of(next) === undefined) continue;
      const stats = statsOf(next);
      if (tell && next !== path) this.#events.onDirty(next);
      if (stats?.isDirectory() !== true) continue;
      // First the watch, then the look: what comes in between is seen twice rather than never.
      const isNew = this.#watch(next, stats);
      if (isNew || tell) for (const name of namesIn(next)) waiting.push(join(next, name));
    }
  }

  #watch(folder: string, stats = statsOf(folder)): boolean {
    const before = this.#watched.get(folder);
    if (stats === undefined || !stats.isDirectory()) {
      if (before !== undefined) this.#leave(folder);
      return false;
    }
    const inode = BigInt(stats.ino);
    if (before?.inode === inode) return false;
    if (before !== undefined) this.#leave(folder);
    try {
      const watcher = watch(folder, { persistent: true }, (_event, name) => this.#seen(folder, name));
      watcher.on('error', (error) => {
        this.#leave(folder);
        this.#events.onDoubt(`The watch of ${folder} ended: ${error.message}`);
      });
      this.#watched.set(folder, { watcher, inode });
      return true;
    } catch (error) {
      this.#trouble = troubleOf(folder, error);
      return false;
    }
  }

  #seen(folder: string, name: string | null): void {
    this.#seenSinceLook += 1;
    if (name === null) return this.#events.onDoubt(`Something changed in ${folder}.`);
    const path = join(folder, name);
    if (this.#listing.of(path) === undefined) {
      // What is excluded changes the times of its folder.
      if (this.#listing.of(folder) !== undefined) this.#events.onDirty(folder);
      return;
    }
    this.#events.onDirty(path);
    const stats = statsOf(path);
    const before = this.#watched.get(path);
    if (stats?.isDirectory() === true) {
      if (before?.inode !== BigInt(stats.ino)) this.#enter(path, true);
    } else if (before !== undefined) this.#leave(path);
  }

  #leave(folder: string): void {
    for (const [path, { watcher }] of this.#watched) {
      if (path !== folder && !path.startsWith(`${folder}/`)) continue;
      watcher.close();
      this.#watched.delete(path);
    }
  }
}

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function troubleOf(folder: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC')
    return `The kernel watches no more folders (${folder}): raise fs.inotify.max_user_watches with sysctl. Until then changes there are copied by the comparisons only.`;
  return `${folder} cannot be watched: ${error instanceof Error ? error.message : String(error)}. Changes there are copied by the comparisons only.`;
}
