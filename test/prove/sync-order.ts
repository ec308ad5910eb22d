/** One look at the synchronous set: PostgreSQL's names, then etcd's record, then the names again, each asked after the one before had answered. */
export interface SyncSample {
  /** CLOCK_MONOTONIC at the end of the look. */
  readonly atMs: number;
  /** Nodes that commits wait for. */
  readonly before: readonly string[];
  /** The key `state`: nodes that have every acknowledged write, the primary included. */
  readonly recorded: readonly string[];
  readonly after: readonly string[];
}

/**
 * Who is recorded has every acknowledged write, so at every instant commits must wait for it. What the names lacked before and after the record
 * was read, they lacked while it was read.
 */
export function violations(samples: readonly SyncSample[], primary: string): readonly string[] {
  return samples.flatMap(({ atMs, before, recorded, after }) =>
    recorded
      .filter((node) => node !== primary && !before.includes(node) && !after.includes(node))
      .map((node) => `At ${atMs.toFixed(0)} ms ${node} was recorded, and no commit waited for it.`),
  );
}

/** The steps that were seen, in their order: `names|recorded`, each once in a row. */
export function steps(samples: readonly SyncSample[]): readonly string[] {
  const texts = samples.map(({ after, recorded }) => `${after.join() || '-'}|${recorded.join()}`);
  return texts.filter((text, at) => text !== texts[at - 1]);
}
