/** What a program wrote to one stream: its end, when it was more than is kept. */
export interface Kept {
  readonly text: string;
  /** Bytes that were written before it and are not kept. */
  readonly droppedBytes: number;
}

/** Keeps the last `keepBytes` of what it is given, in memory of at most twice that and one chunk. */
export function createTail(keepBytes: number): {
  readonly add: (chunk: Buffer) => void;
  readonly read: () => Kept;
} {
  let chunks: Buffer[] = [];
  let held = 0;
  let total = 0;
  const compact = (): Buffer => {
    const all = Buffer.concat(chunks);
    const end = all.subarray(Math.max(0, all.length - keepBytes));
    // A copy, so that the long buffer is free.
    chunks = [Buffer.from(end)];
    held = end.length;
    return end;
  };
  return {
    add: (chunk) => {
      total += chunk.length;
      held += chunk.length;
      chunks.push(chunk);
      if (held > 2 * keepBytes) compact();
    },
    read: () => {
      const end = compact();
      return { text: end.toString('utf8'), droppedBytes: total - end.length };
    },
  };
}
