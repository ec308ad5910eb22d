import type { JournalEvent, JournalPort } from '@hamn/engine';
import { destination, type Logger, pino } from 'pino';
import { appendLines, asideOf, lastLines } from './kept-file.ts';

/** One event as it is kept and served. */
export interface KeptEvent extends JournalEvent {
  readonly sequence: number;
  readonly atWallMs: number;
  readonly node: string;
}

export interface JournalOptions {
  readonly node: string;
  readonly group: string;
  readonly level: string;
  /** JSON lines; undefined keeps nothing on disk. */
  readonly file: string | undefined;
  readonly wallMs: () => number;
}

const keptEvents = 2000;
/** Of an earlier run, read back at the start. */
const earlierEvents = 500;
/** Lines that wait for the disk; a full or hung disk loses lines, never time. */
const pendingLimit = 1000;

/** Writes each event to the log (standard output, structured), keeps the newest in memory and on disk, and tells followers. */
export class Journal implements JournalPort {
  readonly #options: JournalOptions;
  readonly #log: Logger;
  readonly #kept: KeptEvent[] = [];
  readonly #followers = new Set<(event: KeptEvent) => void>();
  #pending: string[] = [];
  #flushing = false;
  #sequence = 0;

  constructor(options: JournalOptions) {
    this.#options = options;
    // Asynchronous: a pipe that nobody reads must not stop a renewal.
    const out = destination({ fd: 1, sync: false, maxLength: 1024 * 1024 });
    out.on('error', () => undefined);
    if (options.file !== undefined) this.#readBack(options.file);
    this.#log = pino({ level: options.level, base: { node: options.node, group: options.group } }, out);
  }

  write(event: JournalEvent): void {
    const kept: KeptEvent = {
      ...event,
      sequence: ++this.#sequence,
      atWallMs: this.#options.wallMs(),
      node: this.#options.node,
    };
    this.#log[event.level]({ event: event.event, rule: event.rule, ...event.fields }, event.message);
    if (event.level === 'debug') return;
    this.#kept.push(kept);
    if (this.#kept.length > keptEvents) this.#kept.shift();
    for (const follower of this.#followers) follower(kept);
    this.#keepOnDisk(kept);
  }

  /** The kept events after `sequence`, oldest first. */
  since(sequence: number): readonly KeptEvent[] {
    return this.#kept.filter((event) => event.sequence > sequence);
  }

  /** Calls `follower` for each event from now on, until the returned function is called. */
  follow(follower: (event: KeptEvent) => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  flush(): void {
    this.#log.flush();
    this.#flushFile();
  }

  /** What was there before a restart is still there for whoever asks why; the sequence goes on. */
  #readBack(file: string): void {
    const newest = lastLines(file);
    // A crash may have left half a line; what comes next must not be glued to it.
    if (newest.length > 0 && newest.at(-1) !== '') this.#pending.push('\n');
    const earlier = [...lastLines(asideOf(file)), ...newest]
      .map(readEvent)
      .filter((event) => event !== undefined);
    for (const event of earlier.slice(-earlierEvents)) {
      this.#sequence = Math.max(this.#sequence + 1, event.sequence);
      this.#kept.push({ ...event, sequence: this.#sequence });
    }
  }

  #keepOnDisk(event: KeptEvent): void {
    if (this.#options.file === undefined || this.#pending.length >= pendingLimit) return;
    this.#pending.push(`${JSON.stringify(event)}\n`);
    if (this.#flushing) return;
    this.#flushing = true;
    setTimeout(() => this.#flushFile(), 500).unref();
  }

  #flushFile(): void {
    const { file } = this.#options;
    const lines = this.#pending.join('');
    this.#pending = [];
    this.#flushing = false;
    if (file === undefined || lines === '') return;
    try {
      appendLines(file, lines);
    } catch {
      // A full disk is no reason to stop; the log on standard output has the event.
    }
  }
}

/** No event of hamn's is longer. */
const longestLine = 32_768;

/** Undefined for half a line and for what something else wrote. */
function readEvent(line: string): KeptEvent | undefined {
  if (line.length > longestLine) return undefined;
  try {
    const event: unknown = JSON.parse(line);
    // It is told to others later: what cannot be written again (nested without end) is found out here.
    JSON.stringify(event);
    return isKeptEvent(event) ? event : undefined;
  } catch {
    return undefined;
  }
}

const levels: readonly unknown[] = ['debug', 'info', 'warn', 'error'];

function isKeptEvent(event: unknown): event is KeptEvent {
  if (typeof event !== 'object' || event === null) return false;
  const {
    sequence,
    atWallMs,
    node,
    event: name,
    level,
    message,
  } = event as Partial<Record<keyof KeptEvent, unknown>>;
  return (
    Number.isSafeInteger(sequence) &&
    typeof atWallMs === 'number' &&
    typeof node === 'string' &&
    typeof name === 'string' &&
    levels.includes(level) &&
    typeof message === 'string'
  );
}
