import {
  type Failure,
  fail,
  type MoveRecord,
  nodesOf,
  ok,
  type Result,
  type ServiceNodesValue,
  withBegun,
  withEnded,
} from '@hamn/core';
import type { ServiceNodesPort } from '@hamn/engine';

export interface MoveDeps {
  readonly port: ServiceNodesPort;
  /**
   * Reads the key, changes it and writes it in one HOLD transaction under the term; `change` may be called again. Only a definite ok is ok: after
   * anything else nothing may be started.
   */
  readonly update: (
    change: (value: ServiceNodesValue) => ServiceNodesValue,
  ) => Promise<Result<ServiceNodesValue, string>>;
  /** Whether this node still holds the term; asked immediately before snmove is started. */
  readonly mayAct: () => boolean;
  readonly wallMs: () => number;
}

export interface MoveLimits {
  readonly moveMs: number;
  readonly tablesMs: number;
  readonly databaseOnly: boolean;
}

/** `not-recorded`, `not-holder`: nothing was started. `open`: nobody knows yet how it ended; its record stays begun, to be settled later. */
export type MoveBatchFailure = 'not-recorded' | 'not-holder' | 'open';

/**
 * One move in its order: the record, snmove, the tables, the end of the record. A record whose end could not be written stays `begun`: the next
 * look settles it from the tables.
 */
export async function moveBatch(
  record: MoveRecord,
  xcatmaster: string | undefined,
  limits: MoveLimits,
  deps: MoveDeps,
): Promise<Result<MoveRecord, MoveBatchFailure>> {
  const recorded = await deps.update((value) => withBegun(value, record));
  if (!recorded.ok) return notRecorded(record, recorded.error);
  if (!deps.mayAct())
    return fail('not-holder', 'The term was lost before snmove was started; nothing was moved.');
  const moved = await deps.port.move(
    {
      kind: record.kind,
      from: record.from,
      to: record.to,
      nodes: nodesOf(record),
      xcatmaster,
      databaseOnly: limits.databaseOnly,
    },
    limits.moveMs,
  );
  // xcatd goes on with what its client has left: the tables do not have the last word yet.
  if (!moved.ok && moved.error.code === 'timeout') return fail('open', moved.error.message);
  return settleMove(record, moved.ok ? moved.value : moved.error.message, limits, deps);
}

/** Reads the tables and writes the end of a record that is open. */
export async function settleMove(
  { id, token }: Pick<MoveRecord, 'id' | 'token'>,
  said: string,
  { tablesMs }: Pick<MoveLimits, 'tablesMs'>,
  { port, update, wallMs }: MoveDeps,
  under: number = token,
): Promise<Result<MoveRecord, MoveBatchFailure>> {
  const placement = await port.placement(tablesMs);
  if (!placement.ok)
    return fail('open', `xCAT's tables could not be read after the move ${id}: ${placement.error.message}`);
  const written = await update((value) =>
    withEnded(value, id, placement.value, { said, token: under, wallMs: wallMs() }),
  );
  const ended = written.ok ? written.value.moves.find((move) => move.id === id) : undefined;
  if (ended !== undefined) return ok(ended);
  return fail(
    'open',
    `The end of the move ${id} could not be written${written.ok ? '' : `: ${written.error.message}`}.`,
  );
}

const notRecorded = ({ id }: MoveRecord, { message }: Failure): Result<never, 'not-recorded'> =>
  fail('not-recorded', `The move ${id} could not be recorded, so it was not started: ${message}`);
