export * from './namespace.ts';
export * from './until.ts';
