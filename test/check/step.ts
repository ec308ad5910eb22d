import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Count, countOf } from './count.ts';

export const root: string = fileURLToPath(new URL('../..', import.meta.url));

/** One command of the check. */
export interface Step {
  readonly name: string;
  /** `node` is this Node; other names are looked up in node_modules/.bin first. */
  readonly argv: readonly string[];
  readonly limitMs: number;
  /** Names of steps that must have ended before, well or not. */
  readonly after?: readonly string[];
  /** A complaint about the output of a command that ended well; undefined when there is none. */
  readonly judge?: (stdout: string) => string | undefined;
}

export interface Outcome {
  readonly step: Step;
  readonly ok: boolean;
  /** Why it failed, in one sentence. */
  readonly reason: string;
  readonly tookMs: number;
  readonly output: string;
  readonly count: Count;
}

/** Output beyond this is dropped from its middle: the beginning and the end tell the most. */
const keptCharacters = 2_000_000;
const graceMs = 5000;
const stillRunningMs = 60_000;

const running = new Set<number>();

/** Ends what this process started, when it is ended itself. */
export function endWithChildren(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      for (const pid of running) killGroup(pid, 'SIGKILL');
      process.exit(130);
    });
  }
}

/** A group that has ended already is no error. */
function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {}
}

const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin'}`,
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
  NO_COLOR: '1',
  CI: '1',
});

/** Runs one step to its end or its limit; then its process group gets SIGTERM, and SIGKILL five seconds later. */
export function runStep(step: Step, limitMs: number = step.limitMs): Promise<Outcome> {
  const begun = performance.now();
  const [name = '', ...args] = step.argv;
  const program = name === 'node' ? process.execPath : name;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: environment(),
    });
    const { pid } = child;
    if (pid !== undefined) running.add(pid);
    let output = '';
    let stdout = '';
    let isLate = false;
    const add = (text: string): void => {
      output = clipped(output + text);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout = (stdout + text).slice(-keptCharacters);
      add(text);
    });
    child.stderr.setEncoding('utf8').on('data', add);
    const limit = setTimeout(() => {
      isLate = true;
      if (pid === undefined) return;
      killGroup(pid, 'SIGTERM');
      setTimeout(() => killGroup(pid, 'SIGKILL'), graceMs).unref();
    }, limitMs);
    const still = setInterval(() => console.log(`      ${step.name} is still running`), stillRunningMs);
    const end = (why: string | undefined): void => {
      clearTimeout(limit);
      clearInterval(still);
      // What the command left behind in its group ends with it.
      if (pid !== undefined) killGroup(pid, 'SIGKILL');
      if (pid !== undefined) running.delete(pid);
      const late = `it was ended at its limit of ${(limitMs / 1000).toFixed(1)} s`;
      const reason = isLate ? late : (why ?? step.judge?.(stdout));
      const ok = reason === undefined;
      const tookMs = performance.now() - begun;
      resolve({ step, ok, reason: reason ?? '', tookMs, output, count: countOf(stdout, ok) });
    };
    child.once('error', (error) => end(`it could not be run: ${error.message}`));
    child.once('exit', (code, signal) => {
      // A daemon that holds the pipe open must not hold up the check.
      setTimeout(() => end(code === 0 ? undefined : `it ended with ${signal ?? `exit code ${code}`}`), 200);
    });
  });
}

const clipped = (text: string): string =>
  text.length <= keptCharacters
    ? text
    : `${text.slice(0, keptCharacters / 4)}\n... (output left out) ...\n${text.slice(-keptCharacters / 2)}`;
