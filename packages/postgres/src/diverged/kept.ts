import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { DivergedView } from '@hamn/core';
import { freeBytes } from '../process/free-space.ts';
import type { OwnPart } from './fork.ts';

/** At most this much of one fork, and at most a quarter of what is free: what is kept never fills the disk. */
const mostBytes = 1024 * 1024 * 1024;
const mostKept = 5;
const reportName = 'report.json';

/** What `report.json` holds. */
export interface DivergedReport {
  readonly summary: string;
  readonly atWallMs: number;
  readonly untilWallMs: number;
  readonly source: string;
  readonly systemId: string;
  readonly parts: readonly {
    readonly timeline: number;
    readonly from: string;
    readonly to: string | undefined;
  }[];
  readonly commits: number;
  readonly isPartial: boolean;
  readonly relations: readonly {
    readonly database: string;
    /** As the source names it now; undefined when it has no such file. */
    readonly name: string | undefined;
    readonly relation: string;
    readonly inserted: number;
    readonly updated: number;
    readonly deleted: number;
  }[];
}

/** The directories `<data>.hamn-diverged-<timeline>-<time>` beside the data directory. */
export class KeptWal {
  readonly #directory: string;

  constructor(dataDirectory: string) {
    this.#directory = dataDirectory;
  }

  pathFor(timeline: number, wallMs: number): string {
    const time = new Date(wallMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
    return `${this.#directory}.hamn-diverged-${timeline}-${time}`;
  }

  /** Copies the WAL of these parts, oldest first, as far as there is room. False: some of it is missing there. */
  async keep(path: string, parts: readonly OwnPart[], segmentBytes: number): Promise<boolean> {
    const wal = join(this.#directory, 'pg_wal');
    const free = (await freeBytes(dirname(this.#directory))) ?? 0;
    let room = Math.min(mostBytes, free / 4);
    let isWhole = true;
    await mkdir(path, { recursive: true, mode: 0o700 });
    for (const name of (await readdir(wal)).sort()) {
      if (!parts.some((part) => belongs(name, part, segmentBytes))) continue;
      const { size } = await stat(join(wal, name));
      if (size > room) isWhole = false;
      else {
        await copyFile(join(wal, name), join(path, name));
        room -= size;
      }
    }
    return isWhole;
  }

  async report(path: string, report: DivergedReport): Promise<void> {
    await writeFile(join(path, reportName), `${JSON.stringify(report, undefined, 2)}\n`, { mode: 0o600 });
  }

  /** The newest first. */
  async list(): Promise<readonly DivergedView[]> {
    const views: DivergedView[] = [];
    for (const directory of await this.#paths()) {
      const report = await readReport(directory);
      if (report !== undefined) views.push({ directory, ...report });
    }
    return views.sort((a, b) => b.atWallMs - a.atWallMs);
  }

  /** Removes what is older than it was to be kept, what has no report (its making was interrupted), and the oldest of too many. */
  async prune(nowWallMs: number): Promise<void> {
    const kept = await this.list();
    const stay = new Set(
      kept.filter(({ untilWallMs }) => untilWallMs > nowWallMs).map(({ directory }) => directory),
    );
    for (const { directory } of kept.slice(mostKept)) stay.delete(directory);
    const reported = new Set(kept.map(({ directory }) => directory));
    for (const path of await this.#paths()) {
      if (stay.has(path) || (!reported.has(path) && (await isYoung(path, nowWallMs)))) continue;
      await rm(path, { recursive: true, force: true });
    }
  }

  async #paths(): Promise<readonly string[]> {
    const parent = dirname(this.#directory);
    const prefix = `${basename(this.#directory)}.hamn-diverged-`;
    const names = await readdir(parent).catch(() => []);
    return names.filter((name) => name.startsWith(prefix)).map((name) => join(parent, name));
  }
}

/** It may be being written now. */
const isYoung = async (path: string, nowWallMs: number): Promise<boolean> =>
  nowWallMs - (await stat(path)).mtimeMs < 3_600_000;

/** A segment of one of the parts, or a history file of its timeline. */
function belongs(name: string, { timeline, from, to }: OwnPart, segmentBytes: number): boolean {
  const hex = timeline.toString(16).toUpperCase().padStart(8, '0');
  if (name === `${hex}.history`) return true;
  if (!/^[0-9A-F]{24}$/.test(name) || !name.startsWith(hex)) return false;
  const high = BigInt(`0x${name.slice(8, 16)}`) << 32n;
  const begin = high + BigInt(`0x${name.slice(16)}`) * BigInt(segmentBytes);
  return begin + BigInt(segmentBytes) > from && (to === undefined || begin <= to);
}

async function readReport(
  directory: string,
): Promise<Pick<DivergedReport, 'summary' | 'atWallMs' | 'untilWallMs'> | undefined> {
  try {
    const read: unknown = JSON.parse(await readFile(join(directory, reportName), 'utf8'));
    if (typeof read !== 'object' || read === null) return undefined;
    const { summary, atWallMs, untilWallMs } = read as Partial<DivergedReport>;
    if (typeof summary !== 'string' || typeof atWallMs !== 'number' || typeof untilWallMs !== 'number')
      return undefined;
    return { summary, atWallMs, untilWallMs };
  } catch {
    return undefined;
  }
}
