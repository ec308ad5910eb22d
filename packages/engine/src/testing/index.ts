/** For tests of this and other packages. */
export { type MemoryStore, memoryStore } from './memory-store.ts';
export { eventually, testClock } from './test-clock.ts';
