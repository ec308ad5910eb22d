export { parsePlacement } from './command/nodels.ts';
export { snmoveArgs } from './command/snmove.ts';
export {
  type MoveBatchFailure,
  type MoveDeps,
  type MoveLimits,
  moveBatch,
  settleMove,
} from './move-batch.ts';
export { createServiceNodes, type ServiceNodesOptions } from './service-nodes.ts';
