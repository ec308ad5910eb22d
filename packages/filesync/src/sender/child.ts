import { spawn } from 'node:child_process';

/** One program that is run to its end, within a limit. */

export interface ChildRun {
  readonly argv: readonly [string, ...string[]];
  readonly input?: string;
  readonly limitMs: number;
  /** Asked now and then: when it says no, the program is ended. */
  readonly permit?: () => boolean;
  /** Each line of its output, cut at a length. */
  readonly onLine?: (line: string) => void;
}

export interface ChildEnd {
  /** Undefined: it was ended by a signal. */
  readonly code: number | undefined;
  /** Why it was ended from here. */
  readonly endedBecause: 'limit' | 'permit' | undefined;
  /** The end of what it complained of. */
  readonly complaint: string;
}

const askEveryMs = 200;
const graceMs = 1500;
const keptChars = 2000;
const longestLine = 4096;

/** Never throws. The program and its children have a process group of their own, which is ended as a whole. */
export function runChild({ argv, input = '', limitMs, permit, onLine }: ChildRun): Promise<ChildEnd> {
  const [program, ...rest] = argv;
  return new Promise((resolve) => {
    let complaint = '';
    let line = '';
    let endedBecause: ChildEnd['endedBecause'];
    const child = spawn(program, rest, { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    const signal = (name: NodeJS.Signals): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, name);
      } catch {
        // ESRCH: all of it has ended.
      }
    };
    let kill: NodeJS.Timeout | undefined;
    const end = (because: 'limit' | 'permit'): void => {
      if (endedBecause !== undefined) return;
      endedBecause = because;
      // rsync removes what it has begun when it is asked.
      signal('SIGTERM');
      kill = setTimeout(() => signal('SIGKILL'), graceMs);
    };
    const limit = setTimeout(() => end('limit'), limitMs);
    const asking = setInterval(() => {
      if (permit?.() === false) end('permit');
    }, askEveryMs);
    const finish = (code: number | undefined): void => {
      for (const timer of [limit, asking, kill]) clearTimeout(timer);
      if (endedBecause !== undefined) signal('SIGKILL');
      if (line !== '') onLine?.(line);
      resolve({ code, endedBecause, complaint: complaint.trim() });
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (line + text).split('\n');
      line = (lines.pop() ?? '').slice(0, longestLine);
      for (const one of lines) onLine?.(one);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-keptChars);
    });
    child.stdin.on('error', () => undefined);
    child.once('error', (error) => {
      complaint = error.message;
      finish(127);
    });
    child.once('close', (code) => finish(code ?? undefined));
    child.stdin.end(input);
  });
}
