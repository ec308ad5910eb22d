export type { Batch } from './batches.ts';
export { againstFailback, onlyLooks, planFailback } from './failback.ts';
export { type Judgement, type Judgements, judge, noJudgements, type Verdict } from './judge.ts';
export { type Away, awayNodes, type MoveEnd, withBegun, withEnded, withoutOld } from './keep-records.ts';
export { byName, namesText, type Placed, type Placement, serverOf } from './placement.ts';
export { type Plan, plan } from './plan.ts';
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
  type ServiceNodeIntention,
  type ServiceNodeStep,
  type ServiceNodeWish,
  type StepInput,
  stepServiceNodes,
} from './step.ts';
