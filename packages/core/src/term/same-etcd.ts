import type { Instant, Revision } from '../brands.ts';
import { note, over } from './holding.ts';
import type { TermState, Work } from './state.ts';

/** What an answer, or a view, says of the etcd that it came from. */
export interface EtcdWord {
  readonly clusterId: string;
  readonly revision: Revision;
  /** When the question was sent; undefined for what came unasked or was asked elsewhere. */
  readonly askedAt: Instant | undefined;
  readonly wentBackFrom?: Revision | undefined;
}

interface Difference {
  readonly event: string;
  readonly alarm: string;
}

/**
 * What another etcd under the same endpoints says counts for nothing: another cluster, or this one after it was restored from a backup. A term
 * ends, nothing is taken and nothing promised, until an admin has looked: what stands there may be old, and fencing tokens would repeat.
 */
export function isOtherEtcd(work: Work, now: Instant, word: EtcdWord): boolean {
  const { state } = work;
  if (state.alarm !== undefined) return true;
  state.clusterId ??= word.clusterId;
  const difference = otherCluster(state, word) ?? wentBack(state, word);
  if (difference === undefined) {
    if (state.heard === undefined || word.revision > state.heard.revision)
      state.heard = { revision: word.revision, at: now };
    return false;
  }
  state.alarm = difference.alarm;
  note(work, 'warn', difference.event, difference.alarm);
  if (state.phase === 'holding' || state.phase === 'arming') over(work, difference.alarm);
  return true;
}

function otherCluster({ clusterId }: TermState, word: EtcdWord): Difference | undefined {
  if (clusterId === word.clusterId) return undefined;
  return {
    event: 'etcd.other-cluster',
    alarm: `etcd’s cluster id changed from ${clusterId} to ${word.clusterId}: this is another cluster or was restored; restart hamnd after checking (docs/runbooks/etcd.md).`,
  };
}

/** An answer may be older than what came meanwhile by another way; it is never older than what this node had received before it asked. */
function wentBack({ heard }: TermState, word: EtcdWord): Difference | undefined {
  const askedLater = heard !== undefined && word.askedAt !== undefined && word.askedAt > heard.at;
  const from = word.wentBackFrom ?? (askedLater ? heard.revision : undefined);
  if (from === undefined || word.revision >= from) return undefined;
  return {
    event: 'etcd.went-back',
    alarm: `etcd’s revision went back from ${from} to ${word.revision}: it was restored from a backup or lost what it had committed; restart hamnd after checking (docs/runbooks/etcd.md).`,
  };
}
