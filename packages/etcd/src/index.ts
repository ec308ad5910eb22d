export type { TlsTexts } from './line.ts';
export { createStore, type StoreOptions } from './store.ts';
