export * from './ask-sender.ts';
export * from './file-sync.ts';
export type { FileSyncOptions } from './node/folders.ts';
export type { OwnKeys } from './node/keys.ts';
