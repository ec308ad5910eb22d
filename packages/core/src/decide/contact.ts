import type { NodeId } from '../brands.ts';
import type { LeaderValue } from '../group/values.ts';
import type { Memory } from './memory.ts';

/** The node that the rules want to hear directly at the next observation, if any: a hand-over's target, or the primary of a standby. */
export function contactOf(memory: Memory, leader: LeaderValue | undefined, me: NodeId): NodeId | undefined {
  if (memory.handover !== undefined) return memory.handover.to;
  return leader?.kind === 'held' && leader.holder !== me ? leader.holder : undefined;
}
