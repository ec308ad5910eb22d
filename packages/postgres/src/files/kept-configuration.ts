import { mkdir, rm } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { runTool } from '../process/run-tool.ts';
import { exists } from './data-directory.ts';

/**
 * The admin's configuration where it lives inside the data directory (RHEL's layout). pg_rewind and pg_basebackup bring the other
 * node's files; these are put aside before and put back after.
 */
export class KeptConfiguration {
  readonly #dataDirectory: string;
  readonly #keep: string;
  readonly #names: readonly string[];

  constructor(options: {
    readonly dataDirectory: string;
    readonly includeDirectory: string;
    readonly keepDirectory: string;
  }) {
    this.#dataDirectory = options.dataDirectory;
    this.#keep = options.keepDirectory;
    const inside = relative(options.dataDirectory, options.includeDirectory);
    const includes = inside !== '' && !inside.startsWith('..') ? [inside] : [];
    this.#names = ['postgresql.conf', 'pg_hba.conf', 'pg_ident.conf', ...includes];
  }

  /** Duty of the caller: not while a job's marker is there, because the directory then holds the other node's files. */
  async putAside(): Promise<void> {
    await rm(this.#keep, { recursive: true, force: true });
    await mkdir(this.#keep, { recursive: true, mode: 0o700 });
    for (const name of this.#names)
      await copy(join(this.#dataDirectory, name), join(this.#keep, basename(name)));
  }

  /** Into the data directory itself, or into the clone that will become it. */
  async putBack(directory: string = this.#dataDirectory): Promise<void> {
    for (const name of this.#names) await copy(join(this.#keep, basename(name)), join(directory, name));
  }
}

/**
 * Owner, mode, times and links stay: PostgreSQL's user must be able to read what is put back. That user could put a link in the place of `to` at any moment: it is
 * neither followed nor taken for a directory to copy into.
 */
async function copy(from: string, to: string): Promise<void> {
  if (!(await exists(from))) return;
  await rm(to, { recursive: true, force: true });
  const ran = await runTool({
    command: ['cp', '-aT', '--remove-destination', '--', from, to],
    timeoutMs: 10_000,
  });
  if (!ran.ok) throw new Error(ran.error.message);
  if (ran.value.code !== 0)
    throw new Error(`${from} could not be copied to ${to}: ${ran.value.stderr.trim()}`);
}
