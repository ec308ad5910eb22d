import { readdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { runTool } from '../process/run-tool.ts';
import { exists } from './data-directory.ts';
import { syncDirectory } from './write.ts';

/** The directories beside the data directory that a clone makes: `.hamn-clone` while it is copied, `.hamn-old-<n>` for what it replaced. */
export class OldData {
  readonly #directory: string;

  constructor(dataDirectory: string) {
    this.#directory = dataDirectory;
  }

  get clonePath(): string {
    return `${this.#directory}.hamn-clone`;
  }

  /** What clones replaced and nobody removed yet, oldest first. */
  async list(): Promise<readonly string[]> {
    const parent = dirname(this.#directory);
    const prefix = `${basename(this.#directory)}.hamn-old-`;
    const names = (await readdir(parent).catch(() => [])).filter((name) => name.startsWith(prefix));
    const number = (name: string): number => Number(name.slice(prefix.length));
    return names.sort((a, b) => number(a) - number(b)).map((name) => join(parent, name));
  }

  /**
   * Puts the finished clone in the data directory's place. The data that was there is kept; but while older data is still kept, what is there now is a clone that never
   * streamed, and it is that one that goes.
   */
  async exchange(): Promise<void> {
    const old = await this.list();
    if (await exists(this.#directory)) {
      const dropped = `${this.#directory}.hamn-drop`;
      const last = old.at(-1);
      await rename(this.#directory, last === undefined ? `${this.#directory}.hamn-old-1` : dropped);
      await rename(this.clonePath, this.#directory);
      await syncDirectory(dirname(this.#directory));
      await removeTree(dropped);
    } else {
      await rename(this.clonePath, this.#directory);
      await syncDirectory(dirname(this.#directory));
    }
  }

  async removeClone(): Promise<void> {
    await removeTree(this.clonePath);
    await removeTree(`${this.#directory}.hamn-drop`);
  }

  /** Once the new data has been seen streaming. */
  async removeOld(): Promise<void> {
    for (const path of await this.list()) await removeTree(path);
  }
}

const removalMs = 10 * 60_000;

/** Beside the event loop, and gently: it may be many gigabytes. */
async function removeTree(path: string): Promise<void> {
  if (!(await exists(path))) return;
  const ran = await runTool({ command: ['nice', '-n', '19', 'rm', '-rf', '--', path], timeoutMs: removalMs });
  if (!ran.ok) throw new Error(ran.error.message);
  if (ran.value.code !== 0) throw new Error(`${path} could not be removed: ${ran.value.stderr.trim()}`);
}
