export * from './mount-namespace.ts';
export * from './namespace.ts';
export * from './until.ts';
