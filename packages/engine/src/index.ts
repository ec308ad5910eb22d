export * from './ports/clock.ts';
export * from './ports/guard.ts';
export * from './ports/journal.ts';
export * from './ports/peers.ts';
export * from './ports/postgres.ts';
export * from './ports/store.ts';
export * from './ports/units.ts';
export * from './ports/vip.ts';
