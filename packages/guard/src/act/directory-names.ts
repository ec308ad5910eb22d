import { realpath } from 'node:fs/promises';

/** The names under which /proc may show a data directory. Learned ahead: when the act comes, its storage may hang. */
export class DirectoryNames {
  readonly #known = new Map<string, string>();
  readonly #underWay = new Set<string>();

  /** Ends when the name is known or cannot be had; on hung storage perhaps never, so do not wait for it without a limit. */
  async learn(directory: string | undefined): Promise<void> {
    // On hung storage each call would keep a thread of the process's few for ever.
    if (directory === undefined || this.#underWay.has(directory)) return;
    this.#underWay.add(directory);
    try {
      this.#known.set(directory, await realpath(directory));
    } catch {
      // It does not exist (yet): its own name must do.
    } finally {
      this.#underWay.delete(directory);
    }
  }

  of(directory: string | undefined): readonly string[] {
    if (directory === undefined) return [];
    const real = this.#known.get(directory);
    return real === undefined || real === directory ? [directory] : [directory, real];
  }
}
