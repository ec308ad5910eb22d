import { between, type CopyView, type Instant, type NodeId } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';
import type { JobKind } from '../files/job-marker.ts';

/** The rate is that of the last seconds: a copy that stands still shows it. */
const windowMs = 15_000;
const bytesPerKb = 1024;

interface Sample {
  readonly at: Instant;
  readonly bytes: number;
}

/** How far the clone or rewind under way has come, by the words of PostgreSQL's own program. */
export class CopyProgress {
  readonly #clock: Pick<ClockPort, 'now'>;
  #job: { readonly kind: JobKind; readonly from: NodeId; readonly since: Instant } | undefined;
  #total = 0;
  #samples: readonly Sample[] = [];
  #rest = '';

  constructor(clock: Pick<ClockPort, 'now'>) {
    this.#clock = clock;
  }

  begin(kind: JobKind, from: NodeId): void {
    this.#job = { kind, from, since: this.#clock.now() };
    this.#total = 0;
    this.#samples = [];
    this.#rest = '';
  }

  end(): void {
    this.#job = undefined;
  }

  /** What the program writes, in pieces as they come. */
  hear(text: string): void {
    const pieces = `${this.#rest}${text}`.split(/[\r\n]/);
    this.#rest = (pieces.pop() ?? '').slice(-1000);
    for (const piece of pieces) {
      const said = parseProgress(piece);
      if (said !== undefined) this.#add(said);
    }
  }

  get view(): CopyView | undefined {
    const job = this.#job;
    if (job === undefined) return undefined;
    const now = this.#clock.now();
    const elapsedMs = Math.round(between(job.since, now));
    const base = { kind: job.kind, from: job.from, elapsedMs };
    const last = this.#samples.at(-1);
    if (last === undefined) return { ...base, bytes: 0, totalBytes: undefined, bytesPerSecond: undefined };
    const recent = this.#samples.filter(({ at }) => between(at, now) <= windowMs);
    const first = recent[0] ?? last;
    const ms = between(first.at, now);
    const bytesPerSecond = ms > 500 ? Math.round(((last.bytes - first.bytes) * 1000) / ms) : undefined;
    return { ...base, bytes: last.bytes, totalBytes: this.#total, bytesPerSecond };
  }

  #add({ bytes, total }: { readonly bytes: number; readonly total: number }): void {
    const at = this.#clock.now();
    this.#total = Math.max(total, bytes);
    const kept = this.#samples.filter((sample) => between(sample.at, at) <= 2 * windowMs);
    this.#samples = [...kept, { at, bytes }].slice(-200);
  }
}

/** `12345/67890 kB (18%), 0/1 tablespace` of pg_basebackup, `12345/67890 kB (18%) copied` of pg_rewind (their progress_report functions). */
export function parseProgress(line: string): { readonly bytes: number; readonly total: number } | undefined {
  const [, done, total] = /^\s*(\d+)\/(\d+) kB \(\s*\d+%\)/.exec(line) ?? [];
  if (done === undefined || total === undefined) return undefined;
  return { bytes: Number(done) * bytesPerKb, total: Number(total) * bytesPerKb };
}

/** What is left of a program's words without its progress: for an error message. */
export const withoutProgress = (text: string): string =>
  text
    .split(/[\r\n]/)
    .filter((line) => parseProgress(line) === undefined)
    .join('\n');
