export { didYouMean } from '@hamn/core';
export { type ClusterSettings, groupSettings, readClusterSettings } from './cluster-settings.ts';
export { expandedResources } from './expanded.ts';
export {
  type ConfigError,
  type ConfigIssue,
  type ConfigPath,
  type ConfigResult,
  formatErrors,
  formatPath,
} from './issues.ts';
export { clusterJsonSchema, nodeFileJsonSchema } from './json-schema.ts';
export { defaultNodeFile, type LogLevel, type NodeFile, readNodeFile, usualGroup } from './node-file.ts';
export { nodeMismatches } from './node-in-cluster.ts';
export { type PostgresLayout, type PostgresPlaces, placesOf, postgresLayouts } from './postgres-layouts.ts';
export { againstParameter, parameterName } from './postgres-parameters.ts';
export { durationMs } from './quantities.ts';
export { type HostFamily, hostFamilies, xcatMarkers, xcatPreset } from './xcat-preset.ts';
