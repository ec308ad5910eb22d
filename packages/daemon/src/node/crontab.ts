import { type FileHandle, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type CrontabView, done, fail, ok, type Result } from '@hamn/core';
import type { CrontabFailure, CrontabPort } from '@hamn/engine';

/** Where root's crontab is: on Debian, on Red Hat, on SUSE. */
const usualPlaces: readonly string[] = [
  '/var/spool/cron/crontabs/root',
  '/var/spool/cron/root',
  '/var/spool/cron/tabs/root',
];
/** Somebody may edit the crontab meanwhile; the last try's failure is told. */
const tries = 3;

/** Bytes as they are: a crontab may be in any encoding. */
const encoding = 'latin1';

/**
 * An entry of xCAT's monitoring carries xCAT's environment, cfgloc and the password in it among them, in front of its command:
 * `*\/3 * * * * XCATROOT=... PATH=... XCATCFG='Pg:...' .../nodestat all -m -u -q`. Comments and everything else are an admin's.
 */
const isXcatEntry = (line: string): boolean =>
  !/^\s*#/.test(line) && /\sXCATROOT=/.test(line) && /\sXCATCFG=/.test(line);

/** Each line with its end. */
const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

export const xcatEntriesOf = (text: string): number => linesOf(text).filter(isXcatEntry).length;

export const withoutXcatEntries = (text: string): string =>
  linesOf(text)
    .filter((line) => !isXcatEntry(line))
    .join('');

interface Known {
  readonly mark: string;
  readonly xcatEntries: number;
}

/** root's crontab as cron itself reads it. cron sees a replaced file within a minute. */
export class RootCrontab implements CrontabPort {
  readonly #places: readonly string[];
  readonly #known = new Map<string, Known>();

  constructor(places: readonly string[] = usualPlaces) {
    this.#places = places;
  }

  async observe(): Promise<Result<CrontabView, CrontabFailure>> {
    const counts = await Promise.all(this.#places.map((file) => this.#entriesOf(file)));
    const failed = counts.find((count) => !count.ok);
    if (failed?.ok === false) return failed;
    return ok({ xcatEntries: counts.reduce((sum, count) => sum + (count.ok ? count.value : 0), 0) });
  }

  async clean(): Promise<Result<undefined, CrontabFailure>> {
    for (const file of this.#places) {
      const cleaned = await cleanFile(file);
      if (!cleaned.ok) return cleaned;
    }
    return done;
  }

  /** Read again only when the file is another one: this is asked many times a second. */
  async #entriesOf(file: string): Promise<Result<number, CrontabFailure>> {
    try {
      const mark = await markOf(file);
      const known = this.#known.get(file);
      if (known?.mark === mark) return ok(known.xcatEntries);
      const xcatEntries = xcatEntriesOf(await readFile(file, encoding));
      this.#known.set(file, { mark, xcatEntries });
      return ok(xcatEntries);
    } catch (error) {
      return isMissing(error) ? ok(0) : unreadable(file, error);
    }
  }
}

async function cleanFile(file: string): Promise<Result<undefined, CrontabFailure>> {
  for (let count = 0; count < tries; count++) {
    try {
      const mark = await markOf(file);
      const text = await readFile(file, encoding);
      const cleaned = withoutXcatEntries(text);
      if (cleaned === text) return done;
      if (await replace(file, cleaned, mark)) return done;
    } catch (error) {
      return isMissing(error) ? done : unreadable(file, error);
    }
  }
  return fail('files', `${file} was changed by somebody else again and again; hamn tries again later.`);
}

/** The new text beside the old one, with its owner and mode, then exchanged. False: the file changed meanwhile. */
async function replace(file: string, text: string, mark: string): Promise<boolean> {
  // cron reads every file in its folder as a user's crontab, but for those with a dot in front.
  const beside = join(dirname(file), '.hamn-new');
  const { uid, gid, mode } = await stat(file);
  const handle = await open(beside, 'w', 0o600);
  try {
    await writeAll(handle, text);
    await handle.chown(uid, gid);
    await handle.chmod(mode & 0o7777);
    await handle.sync();
  } finally {
    await handle.close();
  }
  if ((await markOf(file)) === mark) {
    await rename(beside, file);
    return true;
  }
  await rm(beside, { force: true });
  return false;
}

const writeAll = (handle: FileHandle, text: string): Promise<void> => handle.writeFile(text, encoding);

async function markOf(file: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join();
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

function unreadable(file: string, error: unknown): Result<never, CrontabFailure> {
  const why = error instanceof Error ? error.message : String(error);
  return fail(
    'files',
    `${file} cannot be searched for entries of xCAT’s monitoring (${why}). Look with crontab -l -u root for a line with XCATCFG=, and take it out.`,
  );
}
