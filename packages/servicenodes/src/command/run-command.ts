import { spawn } from 'node:child_process';
import { fail, ok, type Result } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';
import { type ChildOutput, collectOutput, familyOf, signalAll } from '@hamn/linux';

export interface CommandOutput extends ChildOutput {
  /** Undefined: a signal ended it. */
  readonly code: number | undefined;
}

/** `timeout`: it was killed at its limit with all that belongs to its run. */
export type CommandFailure = 'not-started' | 'timeout' | 'garbled';

/**
 * How programs are run. The one below makes them children of hamnd, confined as hamnd is; another one may put each into a unit of its own.
 * It ends within the limit, and when it ends nothing of the program's run goes on.
 */
export type RunCommand = (
  path: string,
  args: readonly string[],
  limitMs: number,
  clock: ClockPort,
) => Promise<Result<CommandOutput, CommandFailure>>;

/** nodels of ten thousand nodes with two columns is about 1 MB. */
const mostBytes = 16 * 1024 * 1024;
/** For what is still in the pipes when the command has ended; a child that it left may hold them open for ever. */
const drainMs = 200;

/** xCAT's commands find their modules and their credentials by these. */
const environment = {
  PATH: '/opt/xcat/bin:/opt/xcat/sbin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  XCATROOT: '/opt/xcat',
  LC_ALL: 'C',
} as const;

/** Runs a program with its words one by one, in a session of its own. What belongs to its run is killed at the limit and when it has ended. */
export function runCommand(
  path: string,
  args: readonly string[],
  limitMs: number,
  clock: ClockPort,
): Promise<Result<CommandOutput, CommandFailure>> {
  return new Promise((resolve) => {
    const child = spawn(path, args, {
      cwd: '/',
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: environment,
    });
    let isOver = false;
    const end = (result: Result<CommandOutput, CommandFailure>): void => {
      if (isOver) return;
      isOver = true;
      for (const cancel of cancels) cancel();
      if (child.pid !== undefined) signalAll(familyOf(child.pid), 'SIGKILL');
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
      resolve(result);
    };
    const output = collectOutput(child, mostBytes, () =>
      end(fail('garbled', `${path} wrote without end, and was killed.`)),
    );
    const cancels = [
      clock.after(limitMs, () =>
        end(fail('timeout', `${path} did not end within ${Math.round(limitMs)} ms, and was killed.`)),
      ),
    ];
    const ended = (code: number | null): void => end(ok({ code: code ?? undefined, ...output() }));
    child.on('error', (error) => end(fail('not-started', `${path} could not be started: ${error.message}.`)));
    child.on('exit', (code) => cancels.push(clock.after(drainMs, () => ended(code))));
    child.on('close', ended);
  });
}

const mostCharacters = 400;

/** The end of what a command wrote, on one line. */
export function said({ stdout, stderr }: ChildOutput): string {
  const lines = `${stdout}\n${stderr}`
    .split(/[\r\n]+/)
    .map((line) => line.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, ' ').trim())
    .filter((line) => line !== '');
  const tail = [...new Set(lines)].slice(-5).join(' | ');
  return tail.length > mostCharacters ? `...${tail.slice(3 - mostCharacters)}` : tail;
}
