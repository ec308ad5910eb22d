declare const brand: unique symbol;

/** A type that is `T` at run time and cannot be mixed with another brand at compile time. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A node's name: the key of its entry in the configuration and the name in its certificate. */
export type NodeId = Brand<string, 'NodeId'>;

/** A point in time: milliseconds of CLOCK_BOOTTIME of this machine (it counts suspend). Never compared across machines. */
export type Instant = Brand<number, 'Instant'>;

/** A length of time in milliseconds. */
export type DurationMs = Brand<number, 'DurationMs'>;

/** An etcd revision (header or mod-revision); an int64 that stays far below 2^53. */
export type Revision = Brand<number, 'Revision'>;

/** The mod-revision of `leader` at the acquisition of a term. It only grows. */
export type FencingToken = Brand<number, 'FencingToken'>;

/** One attempt to take a term is told from every other one by its nonce. */
export type Nonce = Brand<string, 'Nonce'>;

/** A position in PostgreSQL's write-ahead log, in bytes. */
export type Lsn = Brand<bigint, 'Lsn'>;

/** A PostgreSQL timeline number. */
export type TimelineId = Brand<number, 'TimelineId'>;

export const nodeId = (text: string): NodeId => text as NodeId;
export const instant = (ms: number): Instant => ms as Instant;
export const durationMs = (ms: number): DurationMs => ms as DurationMs;
export const revision = (value: number): Revision => value as Revision;
export const fencingToken = (value: number): FencingToken => value as FencingToken;
export const nonce = (text: string): Nonce => text as Nonce;
export const timelineId = (value: number): TimelineId => value as TimelineId;
export const lsn = (bytes: bigint): Lsn => bytes as Lsn;

/** `start` plus a length of time. */
export const after = (start: Instant, ms: number): Instant => (start + ms) as Instant;

/** Milliseconds from `from` to `to`; negative when `to` is earlier. */
export const between = (from: Instant, to: Instant): DurationMs => (to - from) as DurationMs;

export const later = (a: Instant, b: Instant): Instant => (a > b ? a : b);

/** Before every instant that a machine can show. */
export const longAgo: Instant = instant(Number.NEGATIVE_INFINITY);
