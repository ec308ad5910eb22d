import { spawn } from 'node:child_process';
import { LabError } from './lab-error.ts';

export type RunOptions = {
  readonly timeoutMs?: number;
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  /** Receives the output as it comes, line by line, for steps that a person waits for. */
  readonly onLine?: (line: string) => void;
};

export type RunResult = {
  /** The exit code; 128 + signal for a killed process; 124 where the time limit ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
};

const DEFAULT_TIMEOUT_MS = 10_000;
/** What one stream may bring; the rest is dropped, so that a chatty command cannot fill the memory. */
const MAX_OUTPUT_BYTES = 32 * 1024 * 1024;
/** A daemon started by the command may keep its output open; we do not wait for it longer than this. */
const DRAIN_MS = 250;

/**
 * Runs one command to its end or its time limit (then its process group is killed). Never throws for a failing command.
 * @throws LabError `cannot-run` where the program does not exist.
 */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [program, ...args] = argv;
  if (program === undefined) throw new LabError('cannot-run', 'An empty command cannot be run.');
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: options.env ?? process.env,
    });
    const out = collector(options.onLine);
    const err = collector(options.onLine);
    let timedOut = false;
    let exitCode: number | undefined;
    let drain: NodeJS.Timeout | undefined;
    const limit = setTimeout(() => {
      timedOut = true;
      if (child.pid !== undefined) killGroup(child.pid);
    }, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    const finish = (): void => {
      clearTimeout(limit);
      clearTimeout(drain);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ code: timedOut ? 124 : (exitCode ?? 255), stdout: out.text(), stderr: err.text(), timedOut });
    };
    child.stdout.on('data', out.add);
    child.stderr.on('data', err.add);
    child.stdin.on('error', () => undefined); // The command may end without reading its input.
    child.stdin.end(options.input ?? '');
    child.once('error', (error) => {
      clearTimeout(limit);
      reject(
        new LabError('cannot-run', `'${program}' could not be started: ${error.message}. Is it installed?`),
      );
    });
    child.once('exit', (code, signal) => {
      exitCode = code ?? 128 + signalNumber(signal);
      drain = setTimeout(finish, DRAIN_MS);
    });
    child.once('close', finish);
  });
}

/**
 * Runs a command that must succeed, and gives its standard output.
 * @throws LabError `command-failed` with what the command said
 */
export async function must(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await run(argv, options);
  if (result.code === 0) return result.stdout;
  throw new LabError(
    'command-failed',
    describeFailure(argv, result, options.timeoutMs ?? DEFAULT_TIMEOUT_MS),
  );
}

export function describeFailure(argv: readonly string[], result: RunResult, timeoutMs: number): string {
  const why = result.timedOut ? `did not end within ${timeoutMs} ms` : `ended with code ${result.code}`;
  const said = (result.stderr.trim() || result.stdout.trim()).slice(-2000);
  return `'${argv.join(' ')}' ${why}${said === '' ? '.' : `: ${said}`}`;
}

function collector(onLine: ((line: string) => void) | undefined): {
  add: (chunk: Buffer) => void;
  text: () => string;
} {
  const chunks: Buffer[] = [];
  let size = 0;
  let rest = '';
  return {
    add: (chunk) => {
      if (size < MAX_OUTPUT_BYTES) chunks.push(chunk);
      size += chunk.length;
      if (onLine === undefined) return;
      const lines = (rest + chunk.toString('utf8')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended between the limit and this line.
  }
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === 'SIGKILL' ? 9 : signal === 'SIGTERM' ? 15 : signal === 'SIGINT' ? 2 : 1;
}
