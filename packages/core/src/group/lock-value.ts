import { z } from 'zod';

/** `locks/<name>`: who holds a lock of `hamnctl lock`. It is on an etcd lease of its own; its mod-revision is the lock's fencing token. */
export interface LockValue {
  readonly node: string;
  /** `root on mn1`. */
  readonly by: string;
  /** Process id of hamnctl on that node. */
  readonly pid: number;
  /** What runs under the lock, for people. */
  readonly command: string;
  readonly sinceWallMs: number;
  readonly ttlSeconds: number;
  /** Tells one try to take the lock from every other one. */
  readonly nonce: string;
}

export const lockSchema: z.ZodType<LockValue> = z.object({
  node: z.string(),
  by: z.string(),
  pid: z.number(),
  command: z.string(),
  sinceWallMs: z.number(),
  ttlSeconds: z.number(),
  nonce: z.string(),
});
