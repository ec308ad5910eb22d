import type { Decision, GroupSettings, MemberValue, NodeId, Observation } from '@hamn/core';
import type { NodeIdentity } from './publish/member.ts';

export interface EngineOptions {
  readonly me: NodeId;
  readonly settings: GroupSettings;
  readonly identity: NodeIdentity;
  /** After each tick, with its snapshot. */
  readonly onTick?: (snapshot: EngineSnapshot) => void;
  /** Problems that the engine cannot know of: settings that cannot be read, a port that is taken. */
  readonly moreProblems?: () => readonly string[];
}

/** The newest tick, for those who explain: status, explain, metrics, tests. */
export interface EngineSnapshot {
  readonly seen: Observation;
  readonly decision: Decision;
  readonly member: MemberValue;
  /** Since etcd last committed something of this node; undefined before the first time. */
  readonly etcdSilentMs: number | undefined;
}
