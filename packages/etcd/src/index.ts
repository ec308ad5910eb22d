export type { TlsTexts } from './connection.ts';
export { createStore, type StoreOptions } from './store.ts';
