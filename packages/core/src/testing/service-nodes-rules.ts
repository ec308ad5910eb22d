import { judge } from '../service-nodes/judge.ts';
import { withBegun, withEnded, withLate, withoutOld } from '../service-nodes/keep-records.ts';
import type { Placement } from '../service-nodes/placement.ts';
import { type MoveRecord, nodesOf } from '../service-nodes/records.ts';
import { type StepInput, stepServiceNodes } from '../service-nodes/step.ts';

/** What a primary does by, so that a test can plant a bug in one of them. */
export interface ServiceNodesRules {
  readonly judge: typeof judge;
  readonly step: typeof stepServiceNodes;
  readonly begun: typeof withBegun;
  readonly ended: typeof withEnded;
  readonly late: typeof withLate;
  readonly old: typeof withoutOld;
  /** The record stands before its snmove is started. */
  readonly recordsFirst: boolean;
  /** The term is asked immediately before an snmove is started. */
  readonly asksTerm: boolean;
  /** A write compares the term, and the records that it was made from. */
  readonly compares: boolean;
}

export const honestRules: ServiceNodesRules = {
  judge,
  step: stepServiceNodes,
  begun: withBegun,
  ended: withEnded,
  late: withLate,
  old: withoutOld,
  recordsFirst: true,
  asksTerm: true,
  compares: true,
};

/** A bug, what it makes of the rules, and what a run must complain of. */
export interface ServiceNodesPlant {
  readonly name: string;
  readonly rules: Partial<ServiceNodesRules>;
  readonly found: RegExp;
}

const stepWith =
  (change: (input: StepInput) => StepInput): typeof stepServiceNodes =>
  (input) =>
    stepServiceNodes(change(input));

/** As if the tables showed every node of a move at its target. */
const pretended = (move: MoveRecord | undefined): Placement =>
  new Map(
    (move === undefined ? [] : nodesOf(move)).map((node) => [
      node,
      { node, servicenode: [move?.to ?? ('' as never)], xcatmaster: '' },
    ]),
  );

export const serviceNodesPlants: readonly ServiceNodesPlant[] = [
  {
    name: 'a service node is down on one sample',
    rules: {
      judge: (settings, samples, before, now) => {
        const judged = judge(settings, samples, before, now);
        const last = Math.max(...samples.map(({ at }) => at));
        const of = new Map(
          [...judged.of].map(([name, one]) => {
            const isBad = samples.some(
              ({ serviceNode, at, outcome }) => serviceNode === name && at === last && outcome === 'failed',
            );
            return [name, isBad ? { ...one, verdict: 'down' as const } : one];
          }),
        );
        return { ...judged, of };
      },
    },
    found: /was not down for long/,
  },
  {
    name: 'that most seem down is not looked at',
    rules: { step: stepWith((input) => ({ ...input, judgements: { ...input.judgements, us: undefined } })) },
    found: /most seem down/,
  },
  { name: 'the term is not asked at the act', rules: { asksTerm: false }, found: /is not primary/ },
  {
    name: 'a write compares nothing',
    rules: { compares: false },
    found: /was not recorded|has no record of its home|two records|is in .*, too/,
  },
  {
    name: 'the record is written after the move',
    rules: { recordsFirst: false },
    found: /was not recorded before|has no record of its home/,
  },
  {
    name: 'open moves are forgotten',
    rules: {
      step: stepWith((input) => ({
        ...input,
        records: { ...input.records, moves: input.records.moves.filter(({ stage }) => stage === 'ended') },
      })),
      begun: (value, move) => ({ ok: true, value: { ...value, moves: [...value.moves, move] } }),
    },
    found: /is in .*, too|two records/,
  },
  {
    name: 'records of ended moves are dropped',
    rules: { old: (value) => ({ ...value, moves: value.moves.filter(({ stage }) => stage === 'begun') }) },
    found: /has no record of its home/,
  },
  {
    name: 'nodes go back without a soak',
    rules: {
      step: stepWith((input) => ({
        ...input,
        settings: { ...input.settings, moves: { ...input.settings.moves, failbackSoakMs: 0 } },
      })),
    },
    found: /goes back to .* which is up for/,
  },
  {
    name: 'an end is written without a look at the tables',
    rules: {
      ended: (value, id, _placement, end) =>
        withEnded(value, id, pretended(value.moves.find((move) => move.id === id)), end),
    },
    found: /is recorded as away and is at home|is not at/,
  },
  {
    name: 'what comes late is not noticed',
    rules: { late: (value) => value },
    found: /has no record of its home/,
  },
];
