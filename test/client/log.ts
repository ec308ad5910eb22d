import { writeSync } from 'node:fs';

/**
 * The clients' logs: one JSON object a line. `...Ms` are milliseconds of CLOCK_MONOTONIC, which all processes of one host share whatever
 * their namespaces, so that the logs of several clients and the instants of the faults can be laid over each other; `wallMs` is for people.
 */
export type Outcome =
  /** The server said it is committed, and said nothing else. */
  | 'acked'
  /** The server refused it: it is not in the database. */
  | 'failed'
  /** No word, or a word with a warning: it may be in the database or not; neither is a loss. */
  | 'unknown';

export type RowRecord = {
  readonly event: 'row';
  readonly writer: string;
  readonly id: number;
  readonly outcome: Outcome;
  readonly sentMs: number;
  readonly doneMs: number;
  readonly wallMs: number;
  /** The machine the connection led to, by the MAC that answered for the address. */
  readonly node: string;
  /** The postmaster that served it: its start time (microseconds of the epoch); a demoted PostgreSQL always has a new one. */
  readonly postmaster: string;
  readonly because: string | undefined;
};

export type ConnectionRecord = {
  readonly event: 'connected' | 'disconnected';
  readonly writer: string;
  readonly atMs: number;
  readonly wallMs: number;
  readonly node: string;
  readonly because: string | undefined;
};

export type AnswerRecord = {
  readonly event: 'answer';
  /** `reply` to our request, or an `announcement` (a gratuitous ARP) that nobody asked for. */
  readonly kind: 'reply' | 'announcement';
  readonly address: string;
  readonly mac: string;
  readonly node: string;
  readonly atMs: number;
  readonly wallMs: number;
};

/** When the prober was looking: without these an empty log could mean "no answer" or "nobody asked". */
export type ProbeRecord = {
  readonly event: 'probing' | 'probed';
  readonly address: string;
  readonly atMs: number;
  readonly wallMs: number;
};

export type LogRecord = RowRecord | ConnectionRecord | AnswerRecord | ProbeRecord;

/** CLOCK_MONOTONIC in milliseconds. */
export const monotonicMs = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;

/** Writes at once: a log that a crash cuts short is whole up to its last line. */
export function appendRecord(fd: number, record: LogRecord): void {
  writeSync(fd, `${JSON.stringify(record)}\n`);
}

/** Reads a log back; a last line without an end (its writer was killed) is left out. */
export function parseLog(text: string): LogRecord[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => parseRecord(line));
}

/** Reads one line back. */
export function parseRecord(line: string): LogRecord {
  const value: unknown = JSON.parse(line);
  if (isRecord(value)) return value;
  throw new Error(`A line of a client's log is none of its records: ${line}`);
}

function isRecord(value: unknown): value is LogRecord {
  if (typeof value !== 'object' || value === null || !('event' in value)) return false;
  switch (value.event) {
    case 'row':
      return 'id' in value && 'outcome' in value && 'sentMs' in value && 'doneMs' in value;
    case 'connected':
    case 'disconnected':
    case 'probing':
    case 'probed':
      return 'atMs' in value;
    case 'answer':
      return 'atMs' in value && 'mac' in value;
    default:
      return false;
  }
}
