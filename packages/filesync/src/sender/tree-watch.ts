import {
  type Dirent,
  type FSWatcher,
  lstatSync,
  readdirSync,
  type Stats,
  type WatchEventType,
  watch,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Listing } from './listing.ts';

export interface TreeWatchEvents {
  /** A path that is copied was made, changed, renamed or deleted. */
  readonly onDirty: (path: string) => void;
  /** Something may have been missed: everything is to be compared. */
  readonly onDoubt: (reason: string) => void;
}

interface Watched {
  readonly watcher: FSWatcher;
  readonly identity: string;
  /** Whether what is below is watched, too: of a folder in which something is listed only the folder itself is. */
  isEntered: boolean;
}

interface Waiting {
  readonly path: string;
  /** It is new, so all in it is, too. */
  readonly tell: boolean;
}

export interface TreeWatchDeps {
  readonly watch: typeof watch;
  /** Milliseconds of any beginning. */
  readonly now: () => number;
}

/**
 * So many events from one look to the next are a storm. The kernel's queue holds 16384 (fs.inotify.max_queued_events); what it drops then is not told
 * by `fs.watch`, but whoever filled it is seen here as a storm.
 */
const stormEvents = 4000;
/** After a trouble of the watch all is watched anew in so long. */
const againMs = 60_000;
/** A large tree is read in slices of so many folders: between two of them questions are answered. */
const sliceFolders = 300;

/**
 * One inotify watch for each folder (not for each file), as Node's plain `fs.watch` makes it. After a storm everything is in doubt. Symbolic links are
 * not followed.
 */
export class TreeWatch {
  readonly #listing: Listing;
  readonly #events: TreeWatchEvents;
  readonly #deps: TreeWatchDeps;
  readonly #watched = new Map<string, Watched>();
  /** Those that are watched, by their folder. */
  readonly #children = new Map<string, Set<string>>();
  readonly #waiting: Waiting[] = [];
  #slice: NodeJS.Immediate | undefined;
  #isReady = false;
  #trouble: string | undefined;
  /** The trouble because of which all is being watched anew. */
  #troubleBefore: string | undefined;
  #troubleAt = 0;
  #seenSinceLook = 0;
  #isStorm = false;

  constructor(
    listing: Listing,
    events: TreeWatchEvents,
    deps: TreeWatchDeps = { watch, now: () => performance.now() },
  ) {
    this.#listing = listing;
    this.#events = events;
    this.#deps = deps;
    this.look();
  }

  /** Watches what has come since: a listed path whose folder did not exist. Cheap; to be called now and then. */
  look(): void {
    const isCalm = this.#seenSinceLook < stormEvents;
    this.#seenSinceLook = 0;
    if (this.#isStorm && isCalm) this.#events.onDoubt('More changed at once than the kernel may have told.');
    this.#isStorm = !isCalm;
    const isTime = this.#trouble !== undefined && this.#deps.now() - this.#troubleAt >= againMs;
    if (isTime && this.#slice === undefined) this.#watchAnew();
    else this.#watchListed();
  }

  /** Whether all that there was at first is watched; only then a comparison misses nothing. */
  get isReady(): boolean {
    return this.#isReady;
  }

  get folders(): number {
    return this.#watched.size;
  }

  /** Why something is not watched; undefined: all is. */
  get trouble(): string | undefined {
    return this.#trouble ?? this.#troubleBefore;
  }

  close(): void {
    clearImmediate(this.#slice);
    this.#slice = undefined;
    this.#waiting.length = 0;
    for (const { watcher } of this.#watched.values()) watcher.close();
    this.#watched.clear();
    this.#children.clear();
  }

  #watchAnew(): void {
    this.close();
    this.#troubleBefore = this.#trouble;
    this.#trouble = undefined;
    this.#watchListed();
  }

  #watchListed(): void {
    for (const { path, pattern } of this.#listing.listed) {
      // From its folder a listed path is seen to come, to go and to be replaced.
      this.#watch(pattern?.folder ?? dirname(path));
      if (pattern === undefined) this.#waiting.push({ path, tell: false });
      else
        for (const { name } of entriesOf(pattern.folder))
          this.#waiting.push({ path: join(pattern.folder, name), tell: false });
    }
    this.#read();
  }

  /** Watches a folder that is new, and all below. */
  #enter(path: string): void {
    this.#waiting.push({ path, tell: true });
    this.#read();
  }

  /** Reads a slice of what waits, and leaves the rest for later. */
  #read(): void {
    if (this.#slice !== undefined) return;
    for (let left = sliceFolders; left > 0; left -= 1) {
      const next = this.#waiting.pop();
      if (next === undefined) return this.#allRead();
      this.#readFolder(next);
    }
    this.#slice = setImmediate(() => {
      this.#slice = undefined;
      this.#read();
    });
  }

  #allRead(): void {
    this.#isReady = true;
    if (this.#troubleBefore === undefined) return;
    this.#troubleBefore = undefined;
    if (this.#trouble === undefined) this.#events.onDoubt('All folders are watched again.');
  }

  #readFolder({ path, tell }: Waiting): void {
    if (this.#listing.of(path) === undefined) return;
    // First the watch, then the look: what comes in between is seen twice rather than never.
    this.#watch(path);
    const watched = this.#watched.get(path);
    if (watched?.isEntered === true && !tell) return;
    if (watched !== undefined) watched.isEntered = true;
    else if (!tell) return;
    for (const entry of entriesOf(path)) {
      const below = join(path, entry.name);
      if (tell && this.#listing.of(below) !== undefined) this.#events.onDirty(below);
      if (entry.isDirectory()) this.#waiting.push({ path: below, tell });
    }
  }

  #watch(folder: string): void {
    const stats = statsOf(folder);
    const before = this.#watched.get(folder);
    if (stats === undefined || !stats.isDirectory()) {
      if (before !== undefined) this.#leave(folder);
      return;
    }
    const identity = identityOf(stats);
    if (before?.identity === identity) return;
    if (before !== undefined) this.#leave(folder);
    try {
      const watcher = this.#deps.watch(folder, { persistent: true }, (event, name) =>
        this.#seen(folder, event, name),
      );
      watcher.on('error', (error) => {
        this.#leave(folder);
        this.#fail(folder, error);
        this.#events.onDoubt(`The watch of ${folder} ended: ${error.message}`);
      });
      this.#watched.set(folder, { watcher, identity, isEntered: false });
      const siblings = this.#children.get(dirname(folder)) ?? new Set();
      this.#children.set(dirname(folder), siblings.add(folder));
    } catch (error) {
      // It has gone meanwhile, of which its own folder tells.
      if (!isGone(error)) this.#fail(folder, error);
    }
  }

  #fail(folder: string, error: unknown): void {
    this.#trouble = troubleOf(folder, error);
    this.#troubleAt = this.#deps.now();
  }

  #seen(folder: string, event: WatchEventType, name: string | null): void {
    this.#seenSinceLook += 1;
    if (name === null) return this.#events.onDoubt(`Something changed in ${folder}.`);
    const path = join(folder, name);
    if (name === basename(folder) && statsOf(path) === undefined) this.#seenItself(folder, event);
    if (this.#listing.of(path) === undefined) {
      // What is excluded changes the times of its folder.
      if (this.#listing.of(folder) !== undefined) this.#events.onDirty(folder);
      return;
    }
    this.#events.onDirty(path);
    const stats = statsOf(path);
    const before = this.#watched.get(path);
    if (stats?.isDirectory() === true) {
      if (before?.identity !== identityOf(stats)) this.#enter(path);
    } else if (before !== undefined) this.#leave(path);
  }

  /**
   * inotify(7) tells of a watched folder itself without a name, and libuv gives the folder's own for that: its attributes were changed (`change`), or it
   * was deleted, moved or unmounted (`rename`). One that is there all the same was made again, and what watched it is dead: the inode may be that of
   * the one before.
   */
  #seenItself(folder: string, event: WatchEventType): void {
    const isListed = this.#listing.of(folder) !== undefined;
    if (isListed) this.#events.onDirty(folder);
    if (event === 'change') return;
    this.#leave(folder);
    if (isListed) return this.#enter(folder);
    this.#watchListed();
    this.#events.onDoubt(`${folder} was made anew.`);
  }

  #leave(folder: string): void {
    for (const child of this.#children.get(folder) ?? []) this.#leave(child);
    this.#watched.get(folder)?.watcher.close();
    this.#watched.delete(folder);
    const siblings = this.#children.get(dirname(folder));
    siblings?.delete(folder);
    if (siblings?.size === 0) this.#children.delete(dirname(folder));
  }
}

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

/** An inode is used again once its file is gone; the birth (0 where the file system does not keep it) tells the next one from it. */
const identityOf = ({ ino, birthtimeMs }: Stats): string => `${ino} ${birthtimeMs}`;

/** With their types, so that no file needs a look of its own. */
function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

const isGone = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(String(codeOf(error)));

function troubleOf(folder: string, error: unknown): string {
  if (codeOf(error) === 'ENOSPC')
    return `The kernel watches no more folders (${folder}): raise fs.inotify.max_user_watches with sysctl. Until then changes there are copied by the comparisons only.`;
  return `${folder} cannot be watched: ${error instanceof Error ? error.message : String(error)}. Changes there are copied by the comparisons only.`;
}
