import { spawn } from 'node:child_process';
import { fail, ok, type Result } from '@hamn/core';
import { reasonOf } from '../limit.ts';

export interface ToolCall {
  readonly command: readonly string[];
  readonly timeoutMs: number;
  readonly cwd?: string | undefined;
  /** What it prints, as it comes. */
  readonly printed?: ((text: string) => void) | undefined;
  /** What it writes to its standard error, as it comes. */
  readonly heard?: ((text: string) => void) | undefined;
  /** Called with the process group's id as soon as it runs. */
  readonly started?: ((pid: number) => Promise<void>) | undefined;
}

export interface ToolOutput {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type ToolFailure = 'not-started' | 'timeout';

const keptBytes = 64 * 1024;

/**
 * Runs a program in a process group of its own, in the C locale and without input. At the limit the whole group is killed.
 * An exit code other than 0 is a value: the caller knows what it means.
 */
export function runTool(call: ToolCall): Promise<Result<ToolOutput, ToolFailure>> {
  const [program = '', ...args] = call.command;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: call.cwd ?? '/',
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin',
        LC_ALL: 'C',
        PGCONNECT_TIMEOUT: '5',
      },
    });
    const stdout = new Tail();
    const stderr = new Tail();
    // Answers at the limit even if the process cannot be killed (hung storage) or a grandchild holds the pipes open.
    const timer = setTimeout(() => {
      killGroup(child.pid);
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
      const said = lastLines(stderr.text());
      resolve(
        fail(
          'timeout',
          `${program} did not end within ${call.timeoutMs} ms and was killed. It said: ${said}`,
        ),
      );
    }, call.timeoutMs);
    child.stdout.on('data', (chunk: Buffer) => {
      stdout.add(chunk);
      call.printed?.(chunk.toString('utf8'));
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr.add(chunk);
      call.heard?.(chunk.toString('utf8'));
    });
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve(fail('not-started', `${program} could not be started: ${reasonOf(error)}.`));
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve(ok({ code: code ?? -1, stdout: stdout.text(), stderr: stderr.text() }));
    });
    if (child.pid !== undefined) call.started?.(child.pid).catch(() => killGroup(child.pid));
  });
}

/** Kills a process group; one that is gone already is fine. */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined || pid <= 1) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: it ended by itself.
  }
}

/** The end of a tool's output on one line, for an error message. */
export function lastLines(text: string, lines = 4): string {
  const tail = text
    .trim()
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-lines)
    .join(' | ');
  return tail === '' ? '(nothing)' : tail;
}

/** Keeps the last part of an endless output. */
class Tail {
  #chunks: Buffer[] = [];
  #bytes = 0;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#chunks.length > 1 && this.#bytes - (this.#chunks[0]?.length ?? 0) >= keptBytes)
      this.#bytes -= this.#chunks.shift()?.length ?? 0;
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}
