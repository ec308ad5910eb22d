/** A hamn cluster in the lab, for the demonstration, the bench and the tests. */
export { Cluster, isHealthy, type Progress, whatIsMissing } from './cluster.ts';
export { analyseRun, type Cast, castOf } from './evidence.ts';
export type { Machines } from './machines.ts';
export {
  type ClusterOptions,
  clusterFile,
  debianUnit,
  defaultCluster,
  nodesOf,
  passwords,
  vip4,
  vip6,
} from './options.ts';
export { idsOn, Recorder, type RecorderOptions } from './recorder.ts';
export { waitFor } from './wait-for.ts';
export { installXcatServices, servedName, servedText } from './xcat-services.ts';
