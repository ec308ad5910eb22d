export { Random } from './base/random.ts';
export * from './plant/plant.ts';
export * from './plant/plants.ts';
export * from './run/judge-seed.ts';
export * from './run/run-seed.ts';
