import { z } from 'zod';
import { fail, ok, type Result } from '../result.ts';
import { type ClientNodeId, clientNodeId, type ServiceNodeId, serviceNodeId } from './settings.ts';

/** Nodes that had the same two values before a move; kept together because the key has a limit. */
export interface Origin {
  readonly servicenode: readonly ServiceNodeId[];
  readonly xcatmaster: string;
  readonly nodes: readonly ClientNodeId[];
}

/** One snmove: written before it is started, and again when what it did was read back. */
export interface MoveRecord {
  readonly id: string;
  /** The term under which it was written. */
  readonly token: number;
  readonly kind: 'move' | 'failback';
  readonly from: ServiceNodeId;
  readonly to: ServiceNodeId;
  readonly was: readonly Origin[];
  /** `begun`: snmove may be running, or may have been, and nobody has looked yet. */
  readonly stage: 'begun' | 'ended';
  /** Of an ended one: the nodes that the tables show elsewhere than at `to`. */
  readonly left: readonly ClientNodeId[];
  /** The primary changed before anybody saw its end. */
  readonly wasInterrupted?: boolean | undefined;
  /** The wish of an admin that it was begun for. */
  readonly wish?: string | undefined;
  /** One sentence: why it was begun, or how it ended. */
  readonly message: string;
  /** Wall clocks of the primaries that wrote it. */
  readonly begunWallMs: number;
  readonly endedWallMs?: number | undefined;
}

/** `serviceNodes`: what was moved where, and from where. Written by the holder only. */
export interface ServiceNodesValue {
  readonly version: 1;
  /** The oldest first. */
  readonly moves: readonly MoveRecord[];
  /** What could not be read, as it was found: kept, so that an admin can look. */
  readonly damaged: readonly unknown[];
}

export const noRecords: ServiceNodesValue = { version: 1, moves: [], damaged: [] };

const serviceNode = z.string().min(1).transform(serviceNodeId);
const clientNode = z.string().min(1).transform(clientNodeId);

const originSchema: z.ZodType<Origin> = z.object({
  servicenode: z.array(serviceNode),
  xcatmaster: z.string(),
  nodes: z.array(clientNode).min(1),
});

/** Loose, like what is around it: what a later version adds outlives a rewrite by this one. */
export const moveRecordSchema: z.ZodType<MoveRecord> = z
  .looseObject({
    id: z.string().min(1),
    token: z.int().nonnegative(),
    kind: z.enum(['move', 'failback']),
    from: serviceNode,
    to: serviceNode,
    was: z.array(originSchema).min(1),
    stage: z.enum(['begun', 'ended']),
    left: z.array(clientNode),
    wasInterrupted: z.boolean().optional(),
    wish: z.string().optional(),
    message: z.string(),
    begunWallMs: z.number(),
    endedWallMs: z.number().optional(),
  })
  .refine(({ stage, endedWallMs }) => stage === 'begun' || endedWallMs !== undefined);

export const serviceNodesSchema: z.ZodType<ServiceNodesValue> = z.looseObject({
  version: z.literal(1),
  moves: z.array(moveRecordSchema),
  damaged: z.array(z.unknown()),
});

const outerSchema = z.looseObject({
  version: z.literal(1),
  moves: z.array(z.unknown()),
  damaged: z.array(z.unknown()).default([]),
});

/** Far below etcd's limit of a request (1.5 MiB); nothing more is moved long before (`isFull`). */
export const mostRecordCharacters = 1_000_000;

/**
 * Reads the key. A move that cannot be read is set aside among `damaged`; the others count. Errors: `unreadable` when nothing of it can be
 * read: then nothing may be moved, and the key is not written over.
 */
export function readRecords(text: string | undefined): Result<ServiceNodesValue, 'unreadable'> {
  if (text === undefined) return ok(noRecords);
  const outer = outerSchema.safeParse(parseJson(text));
  if (!outer.success)
    return fail(
      'unreadable',
      'The key serviceNodes does not hold records of moves that this hamn can read, so no node is moved. Look at it with etcdctl; after it was deleted, nodes go back by hand only (snmove NODES -d SERVICENODE).',
    );
  const moves: MoveRecord[] = [];
  const damaged = [...outer.data.damaged];
  for (const raw of outer.data.moves) {
    const move = moveRecordSchema.safeParse(raw);
    if (move.success && !moves.some(({ id }) => id === move.data.id)) moves.push(move.data);
    else damaged.push(raw);
  }
  return ok({ ...outer.data, moves, damaged });
}

export const recordsText = (value: ServiceNodesValue): string => JSON.stringify(value);

function parseJson(text: string): unknown {
  if (text.length > mostRecordCharacters) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const nodesOf = (record: MoveRecord): readonly ClientNodeId[] =>
  record.was.flatMap(({ nodes }) => nodes);

export const movedBy = (record: MoveRecord): readonly ClientNodeId[] =>
  record.stage === 'begun' ? [] : nodesOf(record).filter((node) => !record.left.includes(node));

/** Names in what could not be read: none of these nodes is touched. Every text counts, for a text that is no node's name does no harm. */
export function damagedNames(value: ServiceNodesValue): ReadonlySet<string> {
  const found = new Set<string>();
  const pending: unknown[] = [...value.damaged];
  for (let one = pending.pop(); one !== undefined; one = pending.pop()) {
    if (typeof one === 'string') found.add(one);
    else if (typeof one === 'object' && one !== null) pending.push(...Object.values(one));
  }
  return found;
}
