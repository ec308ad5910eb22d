import { execFile } from 'node:child_process';

export interface CommandResult {
  /** Undefined: it could not be started, or was killed at its limit. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program without a shell and kills it at its limit. Never throws. */
export type RunCommand = (
  program: string,
  args: readonly string[],
  options?: { readonly env?: Readonly<Record<string, string>>; readonly timeoutMs?: number },
) => Promise<CommandResult>;

export const runCommand: RunCommand = (program, args, { env = {}, timeoutMs = 3000 } = {}) =>
  new Promise((resolve) => {
    execFile(
      program,
      [...args],
      { timeout: timeoutMs, killSignal: 'SIGKILL', env: { ...process.env, LC_ALL: 'C', ...env } },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
        resolve({ code, stdout, stderr });
      },
    );
  });
