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
 * standby. When the primary is silent, a candidate also hears the other electors: how far they are, and whether they have stopped receiving.
 */
export function contactsOf(basis: ContactBasis): readonly NodeId[] {
  const { me, memory, leader, state, silentMs, intervalMs } = basis;
  if (memory.handover !== undefined) return [memory.handover.to];
  const primary = leader?.kind === 'held' && leader.holder !== me ? [leader.holder] : [];
  const mayEnd = leader?.kind === 'released' || (silentMs !== undefined && silentMs > 1.5 * intervalMs);
  const others = mayEnd ? (state?.electorate ?? []) : [];
  return [...new Set([...primary, ...others])].filter((node) => node !== me);
}
