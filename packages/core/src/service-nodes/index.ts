export type { Batch } from './batches.ts';
export { againstFailback, planFailback } from './failback.ts';
export { type Judgement, type Judgements, judge, noJudgements } from './judge.ts';
export {
  type Away,
  awayNodes,
  type MoveEnd,
  withBegun,
  withEnded,
  withLate,
  withoutOld,
} from './keep-records.ts';
export { byName, namesText, type Placed, type Placement, serverOf } from './placement.ts';
export { againstMove, onlyLooks, type Plan, plan, planWishedMove } from './plan.ts';
export { readServiceNodes, type ServiceNodesKeys } from './read-keys.ts';
export {
  type MoveRecord,
  movedBy,
  nodesOf,
  noRecords,
  type Origin,
  readRecords,
  recordsText,
  type ServiceNodesValue,
  serviceNodesSchema,
} from './records.ts';
export { exportsWithReplicas, type ReplicatedExport } from './replicas.ts';
export { keepSamples, type Sample, windowMs } from './sample.ts';
export {
  type ClientNodeId,
  clientNodeId,
  type JudgeSettings,
  type MoveSettings,
  type ProbeKind,
  probeKinds,
  type ServiceNode,
  type ServiceNodeId,
  type ServiceNodeMode,
  type ServiceNodesSettings,
  serviceNodeId,
  serviceNodeModes,
} from './settings.ts';
export type { Situation } from './situation.ts';
export {
  numberOfMove,
  type ServiceNodeIntention,
  type ServiceNodeStep,
  type StepInput,
  stepServiceNodes,
  type WishEnd,
} from './step.ts';
export { type ViewInput, viewOfServiceNodes, viewText } from './view.ts';
export {
  type ProposedMove,
  type ServiceNodeSeen,
  type ServiceNodesView,
  type ServiceNodeVerdict,
  serviceNodesViewSchema,
  serviceNodeVerdicts,
} from './view-value.ts';
export { type ServiceNodeWish, serviceNodeWishSchema, wishKey, wishLifeMs } from './wish.ts';
