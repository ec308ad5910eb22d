import { between, type Instant } from '../brands.ts';
import { type Batch, recordOf } from './batches.ts';
import { planFailback } from './failback.ts';
import { onlyLooks, type Plan, plan, planWishedMove } from './plan.ts';
import type { MoveRecord } from './records.ts';
import { windowMs } from './sample.ts';
import type { Situation } from './situation.ts';
import type { ServiceNodeWish } from './wish.ts';

/** What is to be done. A move is carried out in this order: write its record, have a definite ok, start snmove, read the tables, write the end. */
export type ServiceNodeIntention =
  | { readonly kind: 'move'; readonly record: MoveRecord; readonly xcatmaster: string | undefined }
  /** A record is open and nothing here works on it: read the tables, and write its end. */
  | { readonly kind: 'settle'; readonly id: string };

/** A wish that is done, or void: its key is to go. */
export interface WishEnd {
  readonly wish: ServiceNodeWish;
  readonly message: string;
}

export interface ServiceNodeStep {
  readonly intentions: readonly ServiceNodeIntention[];
  /** In the modes that do not act: what would be begun. */
  readonly proposed: readonly Batch[];
  readonly wishEnds: readonly WishEnd[];
  readonly because: readonly string[];
}

export interface StepInput extends Situation {
  readonly now: Instant;
  /** The term under which records are written. */
  readonly token: number;
  /** Moves that this process works on. */
  readonly inFlight: ReadonlySet<string>;
  /** The highest number of a move that this process has used under this term; 0 before the first. A record whose write failed may come yet. */
  readonly lastNumber: number;
  /** The oldest first. */
  readonly wishes: readonly ServiceNodeWish[];
}

/**
 * One look at the service nodes, on the primary. Open records that nothing works on come first: they are of a process that died, or of an
 * snmove that did not end in time, and nobody knows what they did before the tables were read.
 */
export function stepServiceNodes(input: StepInput): ServiceNodeStep {
  const { settings, judgements, now } = input;
  const { intentions, because } = settle(input);
  const stays = (more: readonly string[], wishEnds: readonly WishEnd[] = []): ServiceNodeStep => ({
    intentions,
    proposed: [],
    wishEnds,
    because: [...because, ...more],
  });
  if (between(judgements.at, now) > windowMs(settings.judge))
    return stays(['The service nodes were not looked at lately; nothing is planned.']);
  if (settings.mode === 'observe')
    return stays(
      observed(input),
      input.wishes.map((wish) => ({ wish, message: onlyLooks })),
    );
  const wished = input.wishes.map((wish) => ({ wish, plan: planFor(input, wish) }));
  const wishEnds = wished.flatMap(({ wish, plan: made }) => endOf(input, wish, made) ?? []);
  const own = plan(input);
  const chosen = choose(input, wished, own, wishEnds);
  // What is given up is tried again for a wish: both at once would be read as a contradiction.
  const ownSaid = chosen?.wish?.kind === 'move' ? [] : own.because;
  const said = [...because, ...wished.flatMap(({ plan: made }) => made.because), ...ownSaid];
  // In mode act nothing is left to propose here: what could be begun is chosen.
  if (chosen === undefined)
    return { intentions, proposed: own.batches, wishEnds, because: [...new Set(said)] };
  const moves = chosen.plan.batches.map((batch, at): ServiceNodeIntention => {
    const id = `${input.token}.${nextNumber(input) + at}`;
    const { wish } = chosen;
    const message = wish === undefined ? `${batch.from} is down.` : `${wish.by} asked for it.`;
    return {
      kind: 'move',
      record: recordOf(batch, input, input.token, id, message, wish?.id),
      xcatmaster: batch.xcatmaster,
    };
  });
  return { intentions: [...intentions, ...moves], proposed: [], wishEnds, because: [...new Set(said)] };
}

interface Chosen {
  readonly wish: ServiceNodeWish | undefined;
  readonly plan: Plan;
}

/** What was asked for, then what is lost, and the way home last: it waits for its next batch, and keeps nobody waiting. Undefined: nothing is begun. */
function choose(
  { settings }: StepInput,
  wished: readonly { readonly wish: ServiceNodeWish; readonly plan: Plan }[],
  own: Plan,
  ends: readonly WishEnd[],
): Chosen | undefined {
  const standing = wished.filter(({ wish }) => !ends.some((end) => end.wish === wish));
  const inOrder: readonly Chosen[] = [
    ...standing.filter(({ wish }) => wish.kind === 'move'),
    ...(settings.mode === 'act' ? [{ wish: undefined, plan: own }] : []),
    ...standing.filter(({ wish }) => wish.kind === 'failback'),
  ];
  return inOrder.find((one) => one.plan.batches.length > 0);
}

const planFor = (input: StepInput, wish: ServiceNodeWish): Plan =>
  wish.kind === 'failback' ? planFailback(input, wish, input.now) : planWishedMove(input, wish);

/** A wish ends when nothing is left to do for it, when it cannot be, or when it is too old to be begun. */
function endOf({ records, wallMs }: StepInput, wish: ServiceNodeWish, made: Plan): WishEnd | undefined {
  const isOpen = records.moves.some((move) => move.stage === 'begun' && move.wish === wish.id);
  if (isOpen) return undefined;
  const what = wish.kind === 'failback' ? 'The failback to' : 'The move off';
  const begin = `${what} ${wish.serviceNode} that ${wish.by} asked for`;
  if (wish.expiresWallMs <= wallMs) return { wish, message: `${begin} has expired. Ask again.` };
  if (made.batches.length > 0 || made.waits) return undefined;
  return { wish, message: `${begin} is over. ${made.because.join(' ')}`.trim() };
}

function settle(input: StepInput): {
  readonly intentions: readonly ServiceNodeIntention[];
  readonly because: readonly string[];
} {
  const { records, inFlight } = input;
  const orphans = records.moves.filter(({ id, stage }) => stage === 'begun' && !inFlight.has(id));
  const settling = new Set(orphans.filter((move) => isSettled(move, input)));
  return {
    intentions: [...settling].map(({ id }) => ({ kind: 'settle', id })),
    because: orphans.map((move) =>
      settling.has(move)
        ? `The move ${move.id} from ${move.from} to ${move.to} has no end in the records; the tables are read.`
        : `The move ${move.id} from ${move.from} to ${move.to} did not end in time and may still happen; it is looked at again later.`,
    ),
  };
}

/** The mode that only looks: what is lost, and that nothing follows. */
function observed({ judgements }: StepInput): readonly string[] {
  const down = [...judgements.of.values()].filter(({ verdict }) => verdict === 'down');
  return [
    ...down.map(({ name, because }) => `${name} is down. ${because}`),
    ...(judgements.us === undefined ? [] : [judgements.us]),
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
function nextNumber({ records, token, lastNumber }: StepInput): number {
  const numbers = records.moves.flatMap(({ id }) => {
    const [ofToken, number] = id.split('.').map(Number);
    return ofToken === token && number !== undefined && Number.isInteger(number) ? [number] : [];
  });
  return Math.max(lastNumber, ...numbers) + 1;
}

/** The number in the id of a move. */
export const numberOfMove = ({ id }: Pick<MoveRecord, 'id'>): number => Number(id.split('.')[1] ?? 0);
