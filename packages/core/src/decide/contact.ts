import type { NodeId } from '../brands.ts';
import type { LeaderValue, StateValue } from '../group/values.ts';
import type { Memory } from './memory.ts';

/** What of the group decides whom the rules want to hear. */
export interface ContactBasis {
  readonly me: NodeId;
  readonly memory: Memory;
  readonly leader: LeaderValue | undefined;
  readonly state: StateValue | undefined;
  /** How long the holder has given no sign; undefined on the holder. */
  readonly silentMs: number | undefined;
  readonly intervalMs: number;
}

/**
 * The nodes that the rules want to hear directly at the next observation; the first is `Observation.contact`: a hand-over's target, or the primary of a
 * standby. Where the record counts only some of its members, a candidate also hears the others once the primary is silent.
 */
export function contactsOf({ me, memory, leader, state, ...basis }: ContactBasis): readonly NodeId[] {
  if (memory.handover !== undefined) return [memory.handover.to];
  const primary = leader?.kind === 'held' && leader.holder !== me ? [leader.holder] : [];
  const isSilent = basis.silentMs !== undefined && basis.silentMs > 1.5 * basis.intervalMs;
  const isAsked = state?.quorum !== undefined && (leader?.kind === 'released' || isSilent);
  const others = isAsked ? state.synchronous : [];
  return [...new Set([...primary, ...others])].filter((node) => node !== me);
}
