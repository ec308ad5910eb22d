import {
  fail,
  type MoveRecord,
  nodesOf,
  ok,
  type Placement,
  type Result,
  type ServiceNodesValue,
  withBegun,
  withEnded,
} from '@hamn/core';
import { withLimit } from '../limit.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { Permit } from '../ports/permit.ts';
import type { ServiceNodesPort } from '../ports/service-nodes.ts';

export interface MoveDeps {
  readonly port: ServiceNodesPort;
  readonly clock: ClockPort;
  /**
   * Changes the records in one transaction under the term. Only a definite ok is ok: after anything else nothing may be started. A change that
   * refuses writes nothing.
   */
  readonly update: (
    change: (value: ServiceNodesValue) => Result<ServiceNodesValue>,
  ) => Promise<Result<ServiceNodesValue>>;
  /** Whether this node still holds the term of the record. */
  readonly permit: Permit;
}

export interface MoveLimits {
  readonly moveMs: number;
  readonly tablesMs: number;
  readonly databaseOnly: boolean;
}

/** `not-holder`: nothing was started. `open`: nobody knows yet how it ended; its record stays begun, to be settled by a later look. */
export type MoveBatchFailure = 'not-holder' | 'open';

/** What the adapter needs beyond its own limit; a port that keeps its promise never meets it. */
const graceMs = 5000;

/** The first step of a move, before anything is started. Errors: `not-recorded`: nothing may be started. */
export async function recordMove(
  record: MoveRecord,
  { update }: Pick<MoveDeps, 'update'>,
): Promise<Result<undefined, 'not-recorded'>> {
  const recorded = await update((value) => withBegun(value, record));
  if (recorded.ok) return ok(undefined);
  return fail(
    'not-recorded',
    `The move ${record.id} could not be recorded, so it was not started: ${recorded.error.message}`,
  );
}

/**
 * The rest of a move that is recorded: snmove, the tables, the end of the record. A record whose end could not be written stays `begun`: the
 * next look settles it from the tables.
 */
export async function carryOutMove(
  record: MoveRecord,
  xcatmaster: string | undefined,
  limits: MoveLimits,
  deps: MoveDeps,
): Promise<Result<MoveRecord, MoveBatchFailure>> {
  const { kind, from, to } = record;
  const order = { kind, from, to, nodes: nodesOf(record), xcatmaster, databaseOnly: limits.databaseOnly };
  const moved = await withLimit(deps.clock, limits.moveMs + graceMs, 'snmove', () =>
    deps.port.move(order, limits.moveMs, deps.permit),
  );
  if (!moved.ok && moved.error.code === 'over') return fail('not-holder', moved.error.message);
  // xcatd goes on with what its client has left: the tables do not have the last word yet.
  if (!moved.ok && (moved.error.code === 'timeout' || moved.error.code === 'threw'))
    return fail('open', moved.error.message);
  const placement = await readTables(limits.tablesMs, deps);
  if (!placement.ok)
    return fail('open', `After the move ${record.id} the tables were not read: ${placement.error.message}`);
  const said = moved.ok ? moved.value : moved.error.message;
  return endMove(record.id, record.token, placement.value, said, deps);
}

/** xCAT's tables, within the limit whatever hangs. */
export const readTables = (
  limitMs: number,
  { port, clock }: Pick<MoveDeps, 'port' | 'clock'>,
): Promise<Result<Placement>> => withLimit(clock, limitMs + graceMs, 'nodels', () => port.placement(limitMs));

/** Writes the end of a record that is open, by tables that were read after all that is known of the move. `token`: of the term that writes. */
export async function endMove(
  id: string,
  token: number,
  placement: Placement,
  said: string,
  { update, clock }: Pick<MoveDeps, 'update' | 'clock'>,
): Promise<Result<MoveRecord, 'open'>> {
  const written = await update((value) =>
    ok(withEnded(value, id, placement, { said, token, wallMs: clock.wallMs() })),
  );
  const move = written.ok ? written.value.moves.find((one) => one.id === id) : undefined;
  if (move?.stage === 'ended') return ok(move);
  const why = written.ok ? 'the records do not have it any more.' : written.error.message;
  return fail('open', `The end of the move ${id} could not be written: ${why}`);
}
