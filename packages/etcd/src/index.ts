export type { TlsTexts } from './line.ts';
export { createLocks, type LocksOptions } from './locks.ts';
export { createStore, type StoreOptions } from './store.ts';
