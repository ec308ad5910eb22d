/**
 * Settings that a standby must have at least as high as its primary, or it stops replaying (PostgreSQL documentation, "Hot Standby", "Administrator's
 * Overview"): their names, what pg_controldata calls them, and PostgreSQL's own defaults.
 */
const known = [
  { name: 'max_connections', control: 'max_connections setting', preset: 100 },
  { name: 'max_worker_processes', control: 'max_worker_processes setting', preset: 8 },
  { name: 'max_wal_senders', control: 'max_wal_senders setting', preset: 10 },
  { name: 'max_prepared_transactions', control: 'max_prepared_xacts setting', preset: 0 },
  { name: 'max_locks_per_transaction', control: 'max_locks_per_xact setting', preset: 64 },
] as const;

export type CapacityName = (typeof known)[number]['name'];

export const capacityNames: readonly CapacityName[] = known.map(({ name }) => name);

/** By name; one that is missing is not known. */
export type Capacities = Readonly<Partial<Record<CapacityName, number>>>;

/** Far beyond what a server can have; what is above was not written by hamn. */
const most = 2 ** 31 - 1;

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;

const gather = (read: (one: (typeof known)[number]) => unknown): Capacities =>
  Object.fromEntries(
    known.flatMap((one) => {
      const value = read(one);
      return isCount(value) ? [[one.name, value]] : [];
    }),
  );

/** What the data's primary had, from pg_controldata's lines: the WAL carries each change of these. */
export const capacitiesOf = (lines: ReadonlyMap<string, string>): Capacities =>
  gather(({ control }) => {
    const text = lines.get(control);
    return text === undefined ? undefined : Number(text);
  });

/** Out of a text that anybody may have written. */
export const readCapacities = (value: unknown): Capacities => {
  const entries = new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
  return gather(({ name }) => entries.get(name));
};

/** What a start would have, from what the files say of a name. */
export const wantedCapacities = (said: (name: CapacityName) => string | undefined): Capacities =>
  gather(({ name, preset }) => {
    const text = said(name);
    return text !== undefined && /^\d+$/.test(text) ? Number(text) : preset;
  });

/** Those of `floors` that are above what is wanted. */
export const above = (floors: Capacities, wanted: Capacities): Capacities =>
  gather(({ name }) => {
    const floor = floors[name];
    return floor !== undefined && floor > (wanted[name] ?? 0) ? floor : undefined;
  });
