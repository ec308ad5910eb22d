import { spawn } from 'node:child_process';
import { fail, ok, type Result } from '@hamn/core';
import type { ClockPort, ResourceFailure } from '@hamn/engine';
import { ground } from '../programs/environment.ts';

const mostBytes = 2000;

/**
 * Asks file systems in a process of its own: one that hangs keeps its process in the kernel, where not even SIGKILL ends it
 * always. While such a process is there no second one is begun: a look each few seconds would fill the node with them.
 */
export class MountProbes {
  readonly #clock: ClockPort;
  /** By target, since when. */
  readonly #hanging = new Map<string, number>();

  constructor(clock: ClockPort) {
    this.#clock = clock;
  }

  /** `command` is a `stat` of the target. Gives what it wrote; a failure has its words. */
  ask(
    target: string,
    command: readonly [string, ...string[]],
    limitMs: number,
    signal: AbortSignal,
  ): Promise<Result<string, ResourceFailure>> {
    const since = this.#hanging.get(target);
    if (since !== undefined)
      return Promise.resolve(
        fail('timeout', `${target} hangs: a look of ${this.#secondsFrom(since)} s ago still waits for it.`),
      );
    const [program, ...rest] = command;
    const begun = this.#clock.now();
    this.#hanging.set(target, begun);
    return new Promise((resolve) => {
      let said = '';
      const child = spawn(program, rest, { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'], env: ground });
      const over = (result: Result<string, ResourceFailure>): void => {
        cancel();
        signal.removeEventListener('abort', interrupt);
        resolve(result);
      };
      const giveUp = (why: Result<string, ResourceFailure>): void => {
        child.kill('SIGKILL');
        for (const stream of [child.stdout, child.stderr]) stream.destroy();
        child.unref();
        over(why);
      };
      const interrupt = (): void => giveUp(fail('timeout', `The look at ${target} was interrupted.`));
      const late = `${target} does not answer within ${Math.round(limitMs)} ms: it hangs.`;
      // On a busy node to begin a process takes a part of the limit.
      const leftMs = Math.max(0, limitMs - (this.#clock.now() - begun));
      const cancel = this.#clock.after(leftMs, () => giveUp(fail('timeout', late)));
      signal.addEventListener('abort', interrupt);
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk: unknown) => {
          said = (said + String(chunk)).slice(-mostBytes);
        });
        stream.on('error', () => undefined);
      }
      child.on('error', (error) => {
        this.#hanging.delete(target);
        over(fail('unusable', `${program} cannot be run: ${error.message}.`));
      });
      child.on('exit', () => this.#hanging.delete(target));
      child.on('close', (code) =>
        over(code === 0 ? ok(said) : fail('failed', `${target} does not answer: ${said.trim()}`)),
      );
    });
  }

  #secondsFrom(since: number): number {
    return Math.round((this.#clock.now() - since) / 1000);
  }
}
