import type { Lsn } from './brands.ts';

/** What can be wrong with a PostgreSQL and what it stands on, as the rules look at it. */

/** Crash recovery, by pg_control and the WAL on disk. */
export interface RecoveryView {
  /** Where the replay begins: the last checkpoint's redo. */
  readonly from: Lsn;
  /** The WAL file that is being replayed begins here; undefined before the replay has begun. */
  readonly at: Lsn | undefined;
  /** Where the WAL on disk ends. */
  readonly end: Lsn;
}

/** One file system that the database writes to. */
export interface StorageView {
  /** `both`: data and WAL are on one file system. */
  readonly holds: 'data' | 'wal' | 'both';
  readonly path: string;
  /**
   * By a small write and fsync of a process of its own. `hung`: it has not ended within `postgres.storageTimeout`. `read-only`: the kernel refuses
   * writes. `failing`: a write ended with another error (EIO).
   */
  readonly state: 'well' | 'hung' | 'read-only' | 'failing';
  /** What the write ended with. */
  readonly reason: string | undefined;
  /** What PostgreSQL's user may still write, and the size; undefined when it cannot be told. */
  readonly freeBytes: number | undefined;
  readonly totalBytes: number | undefined;
}

/** One of the settings that must be at least as high on a standby as on its primary (PostgreSQL documentation, "Hot Standby Parameter Reference"). */
export interface SettingShortfall {
  readonly name: string;
  readonly own: number;
  readonly needed: number;
}

/** What of a node's software decides whether its data files can be read, and read right. */
export interface SoftwareView {
  /** The server programs' version, for example 15.14. */
  readonly postgres?: string | undefined;
  /** The C library sorts text; another version may sort it in another way. */
  readonly libc?: string | undefined;
  readonly architecture?: string | undefined;
}

/** Below this no server starts, and one that runs is about to stop with a PANIC: two WAL segments. */
export const fullBelowBytes: number = 32 * 1024 * 1024;

const scarceBelowBytes = 1024 ** 3;
const scarceBelowShare = 0.1;

export const isFull = ({ freeBytes }: StorageView): boolean =>
  freeBytes !== undefined && freeBytes < fullBelowBytes;

/** Time to see to it: less than a gigabyte and less than a tenth is free. */
export const isScarce = ({ freeBytes, totalBytes }: StorageView): boolean =>
  freeBytes !== undefined &&
  totalBytes !== undefined &&
  freeBytes < Math.min(scarceBelowBytes, totalBytes * scarceBelowShare);

const megabytes = (bytes: number | bigint): string => `${Math.ceil(Number(bytes) / 1024 / 1024)} MB`;

const whatIn: Readonly<Record<StorageView['holds'], string>> = {
  data: 'the data',
  wal: 'the WAL',
  both: 'data and WAL',
};

/** A sentence with the remedy for what keeps PostgreSQL from writing; undefined for storage that is well. */
export function whySick(storage: StorageView): string | undefined {
  const where = `The storage of ${whatIn[storage.holds]} (${storage.path})`;
  const reason = storage.reason?.replace(/\.$/, '');
  switch (storage.state) {
    case 'hung':
      return `${where} hangs: ${reason ?? 'a write does not come back'}. Look at the disk, its controller and its cables (dmesg).`;
    case 'read-only':
      return `${where} is mounted read-only, which the kernel does by itself after an I/O error. See dmesg, check the file system (fsck) and mount it again.`;
    case 'failing':
      return `${where} fails: ${reason ?? 'a write ended with an error'}. Look at the disk (dmesg, smartctl).`;
    case 'well':
      return isFull(storage)
        ? `${where} is full: ${megabytes(storage.freeBytes ?? 0)} are free, ${megabytes(fullBelowBytes)} are needed. Free some space; hamn goes on by itself.`
        : undefined;
  }
}

export function whyScarce(storage: StorageView): string | undefined {
  if (isFull(storage) || !isScarce(storage)) return undefined;
  return `The storage of ${whatIn[storage.holds]} (${storage.path}) fills up: ${megabytes(storage.freeBytes ?? 0)} of ${megabytes(storage.totalBytes ?? 0)} are free. PostgreSQL stops when it is full; free some space.`;
}

/** How much is still to be replayed. */
export function recoveryLeft({ from, at, end }: RecoveryView): number {
  const begin = at !== undefined && at > from ? at : from;
  return end > begin ? Number(end - begin) : 0;
}

export function describeRecovery(recovery: RecoveryView): string {
  const whole = Number(recovery.end > recovery.from ? recovery.end - recovery.from : 0n);
  const done = Math.max(0, whole - recoveryLeft(recovery));
  const percent = whole === 0 ? 100 : Math.floor((100 * done) / whole);
  return `${megabytes(done)} of ${megabytes(whole)} of WAL are replayed (${percent} %)`;
}
