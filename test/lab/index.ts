/** The lab's door: `new Lab()`, then `up`, `exec`, the faults, `down`. Used by the demonstration, the bench and the tests. */
export { LabFaults, type ProcessName } from './faults.ts';
export type { Drop } from './filter.ts';
export { Lab, type LabOptions, type NodeStatus } from './lab.ts';
export { LabError } from './lab-error.ts';
export { CLIENT, DEFAULT_NODES, type Machine, machineOf, NODE_NAMES, OBSERVER, VIP } from './layout.ts';
export type { Link } from './network.ts';
export type { StoppedProcess } from './processes.ts';
export type { Release, ReleaseName } from './releases.ts';
export type { RunOptions, RunResult } from './run.ts';
export type { Volume } from './volumes.ts';
