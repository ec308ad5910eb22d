export type { PostgresGate } from './own-unit.ts';
export { createUnits, type Units, type UnitsOptions } from './units.ts';
