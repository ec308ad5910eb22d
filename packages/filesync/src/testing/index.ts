export * from './bench.ts';
