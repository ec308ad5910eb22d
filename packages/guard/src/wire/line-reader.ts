/** More than any plan needs; whoever sends a longer line is not one of ours. */
export const longestLine = 262_144;

/** Cuts a stream into lines and keeps a half one for later. A line that is too long ends the conversation. */
export class LineReader {
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** False: the other side sent too long a line; hang up. */
  take(chunk: string): boolean {
    const parts = (this.#rest + chunk).split('\n');
    this.#rest = parts.pop() ?? '';
    for (const part of parts) {
      if (part.length > longestLine) return false;
      if (part !== '') this.#onLine(part);
    }
    return this.#rest.length <= longestLine;
  }
}
