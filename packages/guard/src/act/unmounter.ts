import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { GuardPlan } from '@hamn/core';
import { bootClock, collectOutput } from '@hamn/linux';
import { tellSystemd } from './aftercare.ts';

/** How long a child may take, and how long it is waited before the next one: what holds the file system may be about to end. */
const childMs = 10_000;
const againMs = { first: 50, most: 2000 } as const;
const mostBytes = 4000;

/**
 * Has file systems unmounted by systemd, since the guard's own confinement forbids it; where no systemd runs, by umount. Nobody waits for it: the
 * act looks at the kernel's table. One child at a time; one that hangs in the kernel is the last.
 */
export class Unmounter {
  #child: ChildProcess | undefined;
  #notBefore = Number.NEGATIVE_INFINITY;
  #pauseMs: number = againMs.first;
  /** What the last child said, for a reason. */
  said = '';

  ask(plan: GuardPlan, targets: readonly string[]): void {
    if (this.#child !== undefined || bootClock.now() < this.#notBefore) return;
    // What has no process to be killed, such as the kernel's NFS server, holds a file system until systemd has stopped it.
    if (this.#pauseMs === againMs.first) tellSystemd(plan);
    const [program, ...argv] = command(targets);
    const child = spawn(program, argv, {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: childMs,
      killSignal: 'SIGKILL',
      cwd: '/',
    });
    this.#child = child;
    const words = collectOutput(child, mostBytes, () => {});
    const over = (said: string): void => {
      if (this.#child !== child) return;
      this.#child = undefined;
      this.said = said;
      this.#notBefore = bootClock.now() + this.#pauseMs;
      this.#pauseMs = Math.min(this.#pauseMs * 2, againMs.most);
    };
    child.on('error', (error) => over(error.message));
    child.on('exit', () => over(words().stderr.trim().split('\n', 1)[0] ?? ''));
    child.unref();
  }

  /** What was asked is there no more. A child that is late must not undo what comes next. */
  end(): void {
    this.#pauseMs = againMs.first;
    this.#notBefore = Number.NEGATIVE_INFINITY;
    this.said = '';
    this.#child?.kill('SIGKILL');
  }

  /** The child has ended, or hangs in the kernel: after `limitMs` it is not waited for. */
  async ended(limitMs: number): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs);
      child.once('exit', () => resolve());
    });
    clearTimeout(timer);
  }
}

/** systemd knows a mount by its path; -c: umount must not ask a file system that hangs for the real path. */
const command = (targets: readonly string[]): readonly [string, ...string[]] =>
  existsSync('/run/systemd/system')
    ? ['systemctl', 'stop', '--', ...targets]
    : ['umount', '-c', '--', ...targets];
