import { type ChildProcess, spawn } from 'node:child_process';
import { fail, ok, type Result } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';
import { endFamily } from './ending.ts';
import { createTail, type Kept } from './tail.ts';

export interface ProgramRun {
  readonly argv: readonly [string, ...string[]];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly limitMs: number;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  /** Of each stream. */
  readonly keepBytes: number;
  /** Ends the run as its limit does. */
  readonly signal?: AbortSignal | undefined;
}

export interface ProgramEnd {
  readonly code: number;
  readonly stdout: Kept;
  readonly stderr: Kept;
  readonly tookMs: number;
}

/** `timeout`, `interrupted`: it was ended; what it began may be half done. `killed`: a signal ended it that was not ours. */
export type ProgramFailure = 'not-started' | 'timeout' | 'interrupted' | 'killed';

/** For what is still in the pipes when the program has ended; a daemon that it started may hold them open for ever. */
const drainMs = 200;

/**
 * Runs a program in a session of its own, without input. What it leaves behind when it ends by itself goes on running: that is how an agent starts
 * a service. Answers within `limitMs`, `graceMs` and about a second.
 */
export function runProgram(run: ProgramRun, clock: ClockPort): Promise<Result<ProgramEnd, ProgramFailure>> {
  if (run.signal?.aborted)
    return Promise.resolve(fail('interrupted', 'It was not started: it is not wanted.'));
  const begun = clock.now();
  let child: ChildProcess;
  try {
    const [file, ...args] = run.argv;
    child = spawn(file, args, {
      cwd: '/',
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...run.env },
    });
  } catch (error) {
    return Promise.resolve(notStarted(error));
  }
  return new Promise((resolve) => {
    const [out, err] = [tailOf(child.stdout, run.keepBytes), tailOf(child.stderr, run.keepBytes)];
    const cancels: (() => void)[] = [];
    let isEnding = false;
    let isOver = false;
    const settle = (result: Result<ProgramEnd, ProgramFailure>): void => {
      if (isOver) return;
      isOver = true;
      for (const cancel of cancels) cancel();
      run.signal?.removeEventListener('abort', interrupt);
      child.stdout?.destroy();
      child.stderr?.destroy();
      child.unref();
      resolve(result);
    };
    const end = (code: 'timeout' | 'interrupted', why: string): void => {
      const { pid } = child;
      if (isEnding || isOver || pid === undefined) return;
      isEnding = true;
      const told = async (): Promise<void> => {
        const left = await endFamily(pid, run.graceMs, clock);
        settle(fail(code, `${why}${leftBehind(left.map((member) => member.pid))}`));
      };
      // Only /proc can fail here.
      told().catch((error: unknown) => settle(fail(code, `${why} It may still run: ${String(error)}.`)));
    };
    const interrupt = (): void => end('interrupted', 'It was interrupted and ended.');
    const ended = (code: number | null, signal: NodeJS.Signals | null): void => {
      if (isEnding) return;
      if (code === null) settle(fail('killed', `It was ended by ${signal ?? 'a signal'} from elsewhere.`));
      else settle(ok({ code, stdout: out(), stderr: err(), tookMs: clock.now() - begun }));
    };
    child.on('error', (error) => settle(notStarted(error)));
    child.on('exit', (code, signal) => {
      if (isEnding) return;
      for (const cancel of cancels.splice(0)) cancel();
      run.signal?.removeEventListener('abort', interrupt);
      cancels.push(clock.after(drainMs, () => ended(code, signal)));
    });
    child.on('close', ended);
    run.signal?.addEventListener('abort', interrupt);
    const late = `It did not end within ${Math.round(run.limitMs)} ms and was ended.`;
    cancels.push(clock.after(run.limitMs, () => end('timeout', late)));
  });
}

function leftBehind(pids: readonly number[]): string {
  if (pids.length === 0) return '';
  return ` Even SIGKILL did not end process ${pids.join(', ')}: it waits in the kernel, probably for a disk or a server that does not answer.`;
}

const notStarted = (error: unknown): Result<never, 'not-started'> =>
  fail('not-started', `It could not be started: ${error instanceof Error ? error.message : String(error)}.`);

function tailOf(stream: ChildProcess['stdout'], keepBytes: number): () => Kept {
  const tail = createTail(keepBytes);
  stream?.on('data', tail.add);
  stream?.on('error', () => undefined);
  return tail.read;
}
