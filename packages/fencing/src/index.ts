export { createFencing, type FencingDeps, type FencingOptions } from './fencing.ts';
