export type { KindAdapter, KindCall, KindResult } from './kind-adapter.ts';
export type { ResourcesDeps, ResourcesOptions } from './options.ts';
export { createResources } from './resources.ts';
