import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, type Lsn, lsn, ok, parseLsn, type TimelineId, timelineId } from '@hamn/core';
import type { Limit, Outcome } from '../limit.ts';
import { lastLines, runTool } from '../process/run-tool.ts';
import { type Capacities, capacitiesOf } from './capacities.ts';

/** What `pg_controldata` says of a data directory. */
export interface ControlData {
  readonly systemId: string;
  readonly state: string;
  readonly checkpoint: Lsn;
  readonly checkpointTimeline: TimelineId;
  /** Where crash recovery begins. */
  readonly redo: Lsn;
  /** 0 when there is none. */
  readonly minimumRecovery: Lsn;
  readonly minimumRecoveryTimeline: TimelineId | undefined;
  readonly segmentBytes: number;
  /** What the primary of this data had when the last WAL of it was written. */
  readonly capacities: Capacities;
}

/** The end of WAL that is known for sure. */
export function surelyReached(control: ControlData): Lsn {
  const { checkpoint, minimumRecovery } = control;
  if (minimumRecovery > checkpoint) return minimumRecovery;
  return checkpoint;
}

/** The newest timeline that pg_control speaks of. */
export const newestTimeline = (control: ControlData): TimelineId =>
  timelineId(Math.max(control.checkpointTimeline, control.minimumRecoveryTimeline ?? 0));

export const wasShutDown = (control: ControlData): boolean =>
  control.state === 'shut down' || control.state === 'shut down in recovery';

/** Reads pg_control of a server that is down, and keeps the answer until the file changes. */
export class ControlDataReader {
  readonly #program: string;
  readonly #directory: string;
  #kept: { readonly stamp: string; readonly value: ControlData } | undefined;

  constructor(options: { readonly binDirectory: string; readonly dataDirectory: string }) {
    this.#program = join(options.binDirectory, 'pg_controldata');
    this.#directory = options.dataDirectory;
  }

  async read(limit: Limit): Promise<Outcome<ControlData>> {
    const path = join(this.#directory, 'global', 'pg_control');
    const info = await stat(path, { bigint: true }).catch(() => undefined);
    if (info === undefined)
      return fail('data-damaged', `${path} is missing: no server can start without it.`);
    const stamp = `${info.ino} ${info.mtimeNs} ${info.size}`;
    if (this.#kept?.stamp === stamp) return ok(this.#kept.value);
    const ran = await runTool({ command: [this.#program, '-D', this.#directory], timeoutMs: limit.leftMs() });
    if (!ran.ok) return fail(ran.error.code === 'timeout' ? 'timeout' : 'tool-failed', ran.error.message);
    const { code, stdout, stderr } = ran.value;
    if (code !== 0) {
      const isDamage = /could not read file|could not open file .*No such file/.test(stderr);
      const isDisk = /Input\/output error/.test(stderr);
      return fail(
        isDamage && !isDisk ? 'data-damaged' : 'tool-failed',
        `${this.#program} could not read ${path}: ${lastLines(stderr)}`,
      );
    }
    // It prints what it found all the same, and ends well.
    if (
      /CRC checksum does not match|byte ordering mismatch|invalid WAL segment size/.test(`${stdout}${stderr}`)
    )
      return fail('data-damaged', `${path} is damaged: its checksum does not match.`);
    const value = parseControlData(ran.value.stdout);
    if (value === undefined)
      return fail(
        'tool-failed',
        `${this.#program} printed something that hamn does not understand; check postgres.binDirectory.`,
      );
    this.#kept = { stamp, value };
    return ok(value);
  }
}

/** Reads the output of pg_controldata in the C locale; undefined when a line is missing. */
export function parseControlData(text: string): ControlData | undefined {
  const lines = new Map<string, string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) lines.set(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  const systemId = lines.get('Database system identifier');
  const state = lines.get('Database cluster state');
  const checkpoint = parseLsn(lines.get('Latest checkpoint location') ?? '');
  const checkpointTimeline = Number(lines.get("Latest checkpoint's TimeLineID"));
  if (systemId === undefined || state === undefined || !checkpoint.ok || !(checkpointTimeline > 0))
    return undefined;
  const redo = parseLsn(lines.get("Latest checkpoint's REDO location") ?? '');
  const minimum = parseLsn(lines.get('Minimum recovery ending location') ?? '0/0');
  const minimumTimeline = Number(lines.get("Min recovery ending loc's timeline") ?? 0);
  return {
    systemId,
    state,
    checkpoint: checkpoint.value,
    checkpointTimeline: timelineId(checkpointTimeline),
    redo: redo.ok ? redo.value : checkpoint.value,
    minimumRecovery: minimum.ok ? minimum.value : lsn(0n),
    minimumRecoveryTimeline: minimumTimeline > 0 ? timelineId(minimumTimeline) : undefined,
    segmentBytes: Number(lines.get('Bytes per WAL segment') ?? 16_777_216),
    capacities: capacitiesOf(lines),
  };
}

const pageBytes = 8192n;
/** Header 24 + data header 2 + CheckPoint 88 (access/xlogrecord.h, catalog/pg_control.h); records are aligned to 8 bytes. */
const checkpointRecordBytes = 114n;
/** The longer of the two page headers. */
const pageHeaderBytes = 40n;

/**
 * Where a standby must be at least to hold the whole shutdown checkpoint record that begins at `start`: its last byte. (Its
 * aligned end, at most 8 bytes later, is where the WAL of a cleanly stopped server ends.)
 */
export function checkpointRecordEnd(start: Lsn): Lsn {
  const room = pageBytes - (start % pageBytes);
  const crossing = room < checkpointRecordBytes ? shortPageHeader(start + room) : 0n;
  return lsn(start + checkpointRecordBytes + crossing);
}

/** 24 bytes; the first page of a segment has 40. Segments are at least 1 MB, so only a multiple of that can begin one. */
const shortPageHeader = (page: bigint): bigint => (page % 1_048_576n === 0n ? pageHeaderBytes : 24n);
