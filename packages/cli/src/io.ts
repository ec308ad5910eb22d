import { hostname, userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';

/** What a command may do to the world around it. Data goes to `out`, complaints and questions to `err`. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  readonly columns: number;
  readonly color: boolean;
  /** stdout is a terminal: a picture may be redrawn. */
  readonly terminal: boolean;
  /** A person can be asked. */
  readonly interactive: boolean;
  /** `root on mn1`, for the journal. */
  readonly user: string;
  /** Milliseconds since 1970, for people. */
  wallMs(): number;
  /** Milliseconds of a clock that nobody sets, for limits. */
  monotonicMs(): number;
  sleep(ms: number): Promise<void>;
  ask(question: string): Promise<string>;
  /** Calls `run` at the first Ctrl-C instead of dying at once. */
  onInterrupt(run: () => void): void;
}

export interface ProcessIoOptions {
  /** False for --no-color. */
  readonly color: boolean;
}

/** The process's own streams. */
export function processIo({ color }: ProcessIoOptions): Io {
  const terminal = process.stdout.isTTY === true;
  return {
    out: (text) => {
      process.stdout.write(text);
    },
    err: (text) => {
      process.stderr.write(text);
    },
    columns: process.stdout.columns ?? 80,
    // https://no-color.org: any text in NO_COLOR turns colour off.
    color: color && terminal && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb',
    terminal,
    interactive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    user: `${userName()} on ${hostname()}`,
    wallMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    ask,
    onInterrupt: (run) => {
      // A terminal that is closed or a service that is stopped leaves no half-drawn screen either.
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, run);
    },
  };
}

/** The person behind sudo, where it says so. */
function userName(): string {
  const sudo = process.env['SUDO_USER'];
  if (sudo !== undefined && sudo !== '') return sudo;
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? '?'}`;
  }
}

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-D ends the interface without an answer, which is a no.
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  try {
    return await Promise.race([lines.question(question), ended]);
  } finally {
    lines.close();
  }
}

/** Asks `question` where somebody is there to answer and `yes` did not answer before; anything but y or yes is a no, and is said to have changed nothing. */
export async function agreed(io: Io, yes: boolean, question: string): Promise<boolean> {
  if (yes || !io.interactive) return true;
  const answer = await io.ask(`${question} [y/N] `);
  if (/^y(es)?$/i.test(answer.trim())) return true;
  io.err('Nothing was changed.\n');
  return false;
}
