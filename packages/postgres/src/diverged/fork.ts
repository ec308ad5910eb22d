import { type Lsn, lsn } from '@hamn/core';
import { parseHistory } from '../files/timeline.ts';

/** A server's WAL as a chain of timelines: where each was left for the next one; the last has no end. */
export interface Stretch {
  readonly timeline: number;
  readonly end: Lsn | undefined;
}

export function stretches(timeline: number, history: string): readonly Stretch[] {
  const parents = parseHistory(history).map((line) => ({ timeline: line.timeline, end: line.switchLsn }));
  return [...parents, { timeline, end: undefined }];
}

/** Own WAL from where the other server's went another way: on the timeline of the fork, and on what came after it here. */
export interface OwnPart {
  readonly timeline: number;
  readonly from: Lsn;
  readonly to: Lsn | undefined;
}

/**
 * What this server has and the other one has not, by their histories. Empty when the histories know no fork: ours is a part of theirs, or two timelines have one number and one
 * beginning, which nothing in the files tells apart.
 */
export function ownParts(own: readonly Stretch[], theirs: readonly Stretch[]): readonly OwnPart[] {
  for (const [index, mine] of own.entries()) {
    const other = theirs[index];
    const begin = own[index - 1]?.end ?? lsn(0n);
    if (other === undefined || other.timeline !== mine.timeline) return after(own, index, begin);
    if (mine.end === other.end) continue;
    // They left this timeline earlier than we did, or we have not left it.
    if (other.end !== undefined && (mine.end === undefined || other.end < mine.end))
      return after(own, index, other.end);
    // We left it earlier, for a timeline of our own.
    if (mine.end !== undefined) return after(own, index + 1, mine.end);
  }
  return [];
}

const after = (own: readonly Stretch[], index: number, from: Lsn): readonly OwnPart[] =>
  own.slice(index).map(({ timeline, end }, at) => ({
    timeline,
    from: at === 0 ? from : (own[index + at - 1]?.end ?? from),
    to: end,
  }));
