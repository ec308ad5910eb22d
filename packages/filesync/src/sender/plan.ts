import { readFileSync } from 'node:fs';
import { fail, ok, type Result } from '@hamn/core';
import { z } from 'zod';

/** A standby that is sent to. */
export interface Receiver {
  readonly node: string;
  readonly address: string;
  /** Its host key, as it stands in `known_hosts`: `ssh-ed25519 AAAA...`. */
  readonly hostKey: string;
}

/** What hamnd tells the sender of one resource; a file that is replaced whole. */
export interface SenderPlan {
  readonly resource: string;
  readonly node: string;
  /** The fencing token of the term that it sends under. */
  readonly token: number;
  readonly paths: readonly string[];
  readonly exclude: readonly string[];
  readonly port: number;
  readonly compareEveryMs: number;
  readonly bytesPerSecond?: number | undefined;
  readonly receivers: readonly Receiver[];
  /** Nodes that are to receive, and cannot be sent to yet, with the reason. */
  readonly waitsFor: readonly { readonly node: string; readonly reason: string }[];
  /** Of this resource, below /run: sockets and what ssh reads. */
  readonly folder: string;
  readonly keyFile: string;
  /** See deploy/files/sync-gate. */
  readonly standingFile: string;
  /** The guard's: `<deadline> <token>`. */
  readonly deadlineFile: string;
}

const schema: z.ZodType<SenderPlan> = z.object({
  resource: z.string(),
  node: z.string(),
  token: z.int().nonnegative(),
  paths: z.array(z.string()),
  exclude: z.array(z.string()),
  port: z.int(),
  compareEveryMs: z.number().positive(),
  bytesPerSecond: z.number().positive().optional(),
  receivers: z.array(z.object({ node: z.string(), address: z.string(), hostKey: z.string() })),
  waitsFor: z.array(z.object({ node: z.string(), reason: z.string() })),
  folder: z.string(),
  keyFile: z.string(),
  standingFile: z.string(),
  deadlineFile: z.string(),
});

/** Errors: `unreadable`. */
export function readPlan(file: string): Result<SenderPlan, 'unreadable'> {
  try {
    const read = schema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return read.success ? ok(read.data) : fail('unreadable', `${file}: ${read.error.message}`);
  } catch (error) {
    return fail('unreadable', `${file} cannot be read: ${String(error)}`);
  }
}
