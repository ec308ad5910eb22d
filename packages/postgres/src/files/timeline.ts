import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, type Lsn, lsn, ok, parseLsn, type TimelineId, timelineId } from '@hamn/core';
import { type Outcome, reasonOf } from '../limit.ts';

const hex8 = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0');

/** Where a timeline left its parent: the last line of pg_wal/<timeline>.history (PostgreSQL, src/backend/access/transam/timeline.c). */
export async function readSwitchLsn(dataDirectory: string, timeline: TimelineId): Promise<Outcome<Lsn>> {
  if (timeline === 1) return ok(lsn(0n));
  const path = join(dataDirectory, 'pg_wal', `${hex8(timeline)}.history`);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    return fail('files', `The history of timeline ${timeline} cannot be read: ${reasonOf(error)}.`);
  }
  const switched = parseHistory(text).at(-1);
  return switched === undefined
    ? fail('files', `${path} names no switch point: the file is damaged.`)
    : ok(switched.switchLsn);
}

export interface HistoryLine {
  readonly timeline: TimelineId;
  readonly switchLsn: Lsn;
}

/** The parents of a timeline, oldest first. Lines: parent timeline, switch point, reason; `#` begins a comment. */
export function parseHistory(text: string): readonly HistoryLine[] {
  const lines: HistoryLine[] = [];
  for (const line of text.split('\n')) {
    const [parent, at] = line.trim().split(/\s+/);
    const switchLsn = parseLsn(at ?? '');
    if (parent !== undefined && /^\d+$/.test(parent) && switchLsn.ok)
      lines.push({ timeline: timelineId(Number(parent)), switchLsn: switchLsn.value });
  }
  return lines;
}

/**
 * The newest timeline of which there is a WAL segment. A standby that does not stream shows its timeline in no view once it has followed a switch
 * and not made a restart point since; the segments it received carry it in their names.
 */
export async function newestSegmentTimeline(dataDirectory: string): Promise<TimelineId | undefined> {
  const names = await readdir(join(dataDirectory, 'pg_wal')).catch(() => []);
  let newest = 0;
  for (const name of names) {
    if (/^[0-9A-F]{24}$/.test(name)) newest = Math.max(newest, Number.parseInt(name.slice(0, 8), 16));
  }
  return newest > 0 ? timelineId(newest) : undefined;
}

/** The timeline in the name of a WAL file. */
export function timelineOfWalFile(name: string): TimelineId | undefined {
  const value = /^[0-9A-F]{24}$/.test(name) ? Number.parseInt(name.slice(0, 8), 16) : 0;
  return value > 0 ? timelineId(value) : undefined;
}
