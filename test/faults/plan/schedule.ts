import { Random } from '@hamn/sim';
import { type FaultKind, type FaultName, faultKinds, type Who } from './fault-kinds.ts';

/** One fault of a round. All that is decided here follows from the seed; which node is primary is found out when the round begins. */
export interface FaultPlan {
  readonly name: FaultName;
  readonly who: Who;
  /** From the beginning of the round, in milliseconds. */
  readonly atMs: number;
  readonly lastsMs: number;
}

export interface RoundPlan {
  readonly round: number;
  readonly faults: readonly FaultPlan[];
}

type Card = { readonly kind: FaultKind; readonly who: Who };

/** No fault begins later than this in a round. */
const lastBeginMs = 3500;

/**
 * An endless schedule: the same seed gives the same rounds. Faults are dealt from a shuffled deck of all kinds on all nodes, so that each
 * of them comes before any comes again; about half of the rounds have one fault, the others two or three that overlap.
 */
export function* schedule(seed: number): Generator<RoundPlan, never, undefined> {
  const random = new Random(`faults/${seed}`);
  const deck = deckOf(random.fork('deck'));
  for (let round = 1; ; round++) {
    const count = random.chance(0.5) ? 1 : random.chance(0.7) ? 2 : 3;
    const cards: Card[] = [];
    while (cards.length < count) {
      const card = deck.next().value;
      if (!cards.some((other) => isSame(other, card))) cards.push(card);
    }
    yield { round, faults: cards.map((card, index) => planOf(card, index === 0, random)) };
  }
}

export function roundsOf(seed: number, count: number): readonly RoundPlan[] {
  const rounds = schedule(seed);
  return Array.from({ length: count }, () => rounds.next().value);
}

/** Two of these at once would lose etcd's data for good, which no fault here is meant to do, or fight over one thing. */
const isSame = (one: Card, other: Card): boolean =>
  one.kind.name === other.kind.name && (one.who === other.who || one.kind.name === 'replace etcd-member');

function planOf({ kind, who }: Card, isFirst: boolean, random: Random): FaultPlan {
  const [least, most] = kind.lastsMs;
  return {
    name: kind.name,
    who,
    atMs: isFirst ? random.int(0, 500) : random.int(0, lastBeginMs),
    lastsMs: random.int(least, most),
  };
}

function* deckOf(random: Random): Generator<Card, never, undefined> {
  const cards = faultKinds.flatMap((kind) => kind.who.map((who) => ({ kind, who })));
  for (;;) {
    const left = [...cards];
    while (left.length > 0) {
      const [card] = left.splice(random.int(0, left.length - 1), 1);
      if (card !== undefined) yield card;
    }
  }
}
