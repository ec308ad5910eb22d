import { spawn } from 'node:child_process';
import { done, fail, type Result } from '@hamn/core';
import type { ClockPort, ResourceFailure } from '@hamn/engine';
import { ground } from '../programs/environment.ts';

const mostBytes = 2000;

/**
 * Asks file systems for their state (statfs) in a process of its own: one that hangs keeps its process in the kernel, where not even SIGKILL ends it
 * always. While such a process is there no second one is begun: a look each few seconds would fill the node with them.
 */
export class MountProbes {
  readonly #clock: ClockPort;
  /** By target, since when. */
  readonly #hanging = new Map<string, number>();

  constructor(clock: ClockPort) {
    this.#clock = clock;
  }

  /** `command` is `stat -f` of the target. Its first output tells; a failure has its words. */
  ask(
    target: string,
    command: readonly [string, ...string[]],
    limitMs: number,
    signal: AbortSignal,
  ): Promise<Result<undefined, ResourceFailure>> {
    const since = this.#hanging.get(target);
    if (since !== undefined)
      return Promise.resolve(
        fail('timeout', `${target} hangs: a look of ${this.#secondsFrom(since)} s ago still waits for it.`),
      );
    const [program, ...rest] = command;
    this.#hanging.set(target, this.#clock.now());
    return new Promise((resolve) => {
      let said = '';
      const child = spawn(program, rest, { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'], env: ground });
      const over = (result: Result<undefined, ResourceFailure>): void => {
        cancel();
        signal.removeEventListener('abort', interrupt);
        resolve(result);
      };
      const giveUp = (why: Result<undefined, ResourceFailure>): void => {
        child.kill('SIGKILL');
        child.stderr.destroy();
        child.unref();
        over(why);
      };
      const interrupt = (): void => giveUp(fail('timeout', `The look at ${target} was interrupted.`));
      const late = `${target} does not answer within ${Math.round(limitMs)} ms: it hangs.`;
      const cancel = this.#clock.after(limitMs, () => giveUp(fail('timeout', late)));
      signal.addEventListener('abort', interrupt);
      child.stderr.on('data', (chunk: unknown) => {
        said = (said + String(chunk)).slice(-mostBytes);
      });
      child.stderr.on('error', () => undefined);
      child.on('error', (error) => {
        this.#hanging.delete(target);
        over(fail('unusable', `${program} cannot be run: ${error.message}.`));
      });
      child.on('exit', () => this.#hanging.delete(target));
      child.on('close', (code) =>
        over(code === 0 ? done : fail('failed', `${target} does not answer: ${said.trim()}`)),
      );
    });
  }

  #secondsFrom(since: number): number {
    return Math.round((this.#clock.now() - since) / 1000);
  }
}
