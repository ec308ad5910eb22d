export { parsePlacement } from './command/nodels.ts';
export type { CommandFailure, CommandOutput, RunCommand } from './command/run-command.ts';
export { snmoveArgs } from './command/snmove.ts';
export { createServiceNodes, type ServiceNodesOptions } from './service-nodes.ts';
