import { between, type Instant } from '../brands.ts';
import { type Batch, recordOf } from './batches.ts';
import { onlyLooks, planFailback } from './failback.ts';
import { plan } from './plan.ts';
import type { MoveRecord } from './records.ts';
import { windowMs } from './sample.ts';
import type { ServiceNodeId } from './settings.ts';
import type { Situation } from './situation.ts';

/** What an admin asked for: `hamnctl sn failback SN`, or the start of what is proposed. */
export interface ServiceNodeWish {
  readonly kind: 'failback' | 'move';
  readonly serviceNode: ServiceNodeId;
  readonly by: string;
}

/** What is to be done. A move is carried out in this order: write its record, have a definite ok, start snmove, read the tables, write the end. */
export type ServiceNodeIntention =
  | { readonly kind: 'move'; readonly record: MoveRecord; readonly xcatmaster: string | undefined }
  /** A record is open and nothing here works on it: read the tables, and write its end. */
  | { readonly kind: 'settle'; readonly id: string };

export interface ServiceNodeStep {
  readonly intentions: readonly ServiceNodeIntention[];
  /** In the modes that do not act: what would be begun. */
  readonly proposed: readonly Batch[];
  readonly because: readonly string[];
}

export interface StepInput extends Situation {
  readonly now: Instant;
  /** The term under which records are written. */
  readonly token: number;
  /** Moves that this process works on. */
  readonly inFlight: ReadonlySet<string>;
  readonly wish: ServiceNodeWish | undefined;
}

/**
 * One look at the service nodes, on the primary. Open records that nothing works on come first: they are of a process that died, or of an
 * snmove that did not end in time, and nobody knows what they did before the tables were read.
 */
export function stepServiceNodes(input: StepInput): ServiceNodeStep {
  const { settings, judgements, records, inFlight, wish, now } = input;
  const orphans = records.moves.filter(({ id, stage }) => stage === 'begun' && !inFlight.has(id));
  const settling = orphans.filter((move) => isSettled(move, input));
  const intentions: ServiceNodeIntention[] = settling.map(({ id }) => ({ kind: 'settle', id }));
  const because = orphans.map(({ id, from, to }) =>
    settling.some((move) => move.id === id)
      ? `The move ${id} from ${from} to ${to} has no end in the records; the tables are read.`
      : `The move ${id} from ${from} to ${to} did not end in time and may still happen; it is looked at again later.`,
  );
  if (between(judgements.at, now) > windowMs(settings.judge))
    return {
      intentions,
      proposed: [],
      because: [...because, 'The service nodes were not looked at lately; nothing is planned.'],
    };
  if (settings.mode === 'observe')
    return { intentions, proposed: [], because: [...because, ...observed(input)] };
  const failback = wish?.kind === 'failback' ? planFailback(input, wish.serviceNode, now) : undefined;
  const planned = plan(input, wish?.kind === 'move' ? wish.serviceNode : undefined);
  // A way back that waits for its next batch does not keep nodes of a lost service node waiting.
  const chosen = failback !== undefined && failback.batches.length > 0 ? failback : planned;
  const said = [...because, ...(failback === undefined ? [] : failback.because), ...planned.because];
  if (settings.mode === 'propose' && chosen === planned && wish?.kind !== 'move')
    return { intentions, proposed: chosen.batches, because: said };
  const moves = chosen.batches.map((batch, at): ServiceNodeIntention => {
    const id = `${input.token}.${nextNumber(input) + at}`;
    const message = wish === undefined ? `${batch.from} is down.` : `${wish.by} asked for it.`;
    return {
      kind: 'move',
      record: recordOf(batch, input, input.token, id, message),
      xcatmaster: batch.xcatmaster,
    };
  });
  return { intentions: [...intentions, ...moves], proposed: [], because: said };
}

/** The mode that only looks: what is lost, and that nothing follows. */
function observed({ judgements, wish }: StepInput): readonly string[] {
  const down = [...judgements.of.values()].filter(({ verdict }) => verdict === 'down');
  return [
    ...down.map(({ name, because }) => `${name} is down. ${because}`),
    ...(judgements.us === undefined ? [] : [judgements.us]),
    ...(wish === undefined ? [] : [onlyLooks]),
  ];
}

/** Of another term, or twice as old as snmove's limit: xcatd goes on with a request whose client was killed. */
function isSettled(move: MoveRecord, { settings, token, wallMs, placement }: StepInput): boolean {
  const isThere = move.was.every(({ nodes }) =>
    nodes.every((node) => placement.get(node)?.servicenode[0] === move.to),
  );
  const ageMs = wallMs - move.begunWallMs;
  // A clock that was set back would make it wait for ever.
  return isThere || move.token !== token || ageMs < 0 || ageMs >= 2 * settings.moves.limitMs;
}

/** One above the highest number that this term has used. */
function nextNumber({ records, token }: StepInput): number {
  const numbers = records.moves.flatMap(({ id }) => {
    const [ofToken, number] = id.split('.').map(Number);
    return ofToken === token && number !== undefined && Number.isInteger(number) ? [number] : [];
  });
  return Math.max(0, ...numbers) + 1;
}
