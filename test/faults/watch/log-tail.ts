import { closeSync, openSync, readSync } from 'node:fs';

const chunkBytes = 1 << 20;

/** Reads a log that grows: each line is parsed once. A last line without its end is left for the next time. */
export class LogTail<T> {
  readonly #file: string;
  readonly #parse: (line: string) => T;
  readonly #records: T[] = [];
  #offset = 0;

  constructor(file: string, parse: (line: string) => T) {
    this.#file = file;
    this.#parse = parse;
  }

  /** All records until now. */
  read(): readonly T[] {
    const fd = openSync(this.#file, 'a+');
    const buffer = Buffer.alloc(chunkBytes);
    try {
      for (;;) {
        const size = readSync(fd, buffer, 0, chunkBytes, this.#offset);
        const end = buffer.subarray(0, size).lastIndexOf(0x0a) + 1;
        if (end === 0) return this.#records;
        for (const line of buffer.toString('utf8', 0, end).split('\n'))
          if (line !== '') this.#records.push(this.#parse(line));
        this.#offset += end;
      }
    } finally {
      closeSync(fd);
    }
  }
}
