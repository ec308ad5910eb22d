import { type ChildProcess, spawn } from 'node:child_process';
import { fail, ok, type Result } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';
import { type ChildOutput, collectOutput, familyOf, signalAll } from '@hamn/linux';

export interface AgentRun {
  /** The agent's file. */
  readonly path: string;
  /** `name=value` lines: secrets stand neither on the command line nor in the environment. */
  readonly input: string;
  readonly limitMs: number;
  /** Ends the run at once. */
  readonly signal?: AbortSignal | undefined;
}

export interface AgentOutput extends ChildOutput {
  /** Undefined: a signal ended it. */
  readonly code: number | undefined;
}

/** `timeout`: it was killed at its limit; what it began may still happen. `garbled`: it wrote without end, and was killed. */
export type RunFailure = 'not-started' | 'timeout' | 'interrupted' | 'garbled';

const mostBytes = 1024 * 1024;
/** Between the polite signal and the other one. */
const graceMs = 1000;
/** For what is still in the pipes when the agent has ended; a child that it left behind may hold them open for ever. */
const drainMs = 200;

const environment = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C',
  PYTHONWARNINGS: 'ignore',
} as const;

/**
 * Runs an agent in a session of its own; begun before this returns. It and all its children are ended at the limit, and whatever it left behind is
 * killed when it ends by itself.
 */
export function runAgent(run: AgentRun, clock: ClockPort): Promise<Result<AgentOutput, RunFailure>> {
  return new Promise((resolve) => {
    const child = spawn(run.path, [], { cwd: '/', detached: true, stdio: 'pipe', env: environment });
    const output = collectOutput(child, mostBytes, () => end(fail('garbled', 'It wrote without end.')));
    const cancels = [
      clock.after(Math.max(0, run.limitMs - Math.min(graceMs, run.limitMs / 5)), () => ask(child)),
      clock.after(run.limitMs, () => end(late(run))),
    ];
    let isLate = false;
    let isOver = false;
    const ask = ({ pid }: ChildProcess): void => {
      isLate = true;
      if (pid !== undefined) signalAll(familyOf(pid), 'SIGTERM');
    };
    const interrupt = (): void => end(fail('interrupted', 'It was interrupted: the device is needed.'));
    const end = (result: Result<AgentOutput, RunFailure>): void => {
      if (isOver) return;
      isOver = true;
      for (const cancel of cancels) cancel();
      run.signal?.removeEventListener('abort', interrupt);
      if (child.pid !== undefined) signalAll(familyOf(child.pid), 'SIGKILL');
      child.stdin.destroy();
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
      resolve(result);
    };
    const ended = (code: number | null): void =>
      end(isLate ? late(run) : ok({ code: code ?? undefined, ...output() }));
    child.on('error', (error) => end(fail('not-started', `It could not be started: ${error.message}.`)));
    child.on('exit', (code) => cancels.push(clock.after(drainMs, () => ended(code))));
    child.on('close', ended);
    run.signal?.addEventListener('abort', interrupt);
    // An agent that does not read its input is no reason to fail.
    child.stdin.on('error', () => undefined);
    child.stdin.end(run.input);
  });
}

const late = ({ limitMs }: AgentRun): Result<never, 'timeout'> =>
  fail('timeout', `It did not end within ${Math.round(limitMs)} ms and was killed.`);
