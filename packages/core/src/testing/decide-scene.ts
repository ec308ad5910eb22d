import { decide } from '../decide/decide.ts';
import { type Facts, factsOf } from '../decide/facts.ts';
import { postgresProblems } from '../decide/postgres-problems.ts';
import { explainCandidate } from '../decide/rules/candidate.ts';
import type { Block } from './datadriven.ts';
import { applyLine } from './decide-lines.ts';
import { makeObservation } from './decide-observation.ts';
import { decisionText } from './decide-text.ts';
import { primaryWorld, standbyWorld, type World, witnessWorld } from './decide-world.ts';

const scenes: Readonly<Record<string, () => World>> = {
  primary: primaryWorld,
  standby: standbyWorld,
  witness: witnessWorld,
};

/**
 * One decision after another. `primary`, `standby` and `witness` begin with a healthy node of a healthy group (mn1 is primary with token 10
 * on timeline 2, mn2 its synchronous standby, wit1 the witness; the time is 100 s); each line of input changes one thing of it. `then` goes
 * on from the last decision, with what it remembered. `explained` adds what `hamnctl explain` says of a candidate's
 * chances, and what is wrong with PostgreSQL as `hamnctl status` tells it.
 */
export class DecideScene {
  #world: World = primaryWorld();

  run(block: Block): readonly string[] {
    const [command = '', explained] = block.command.split(' ');
    const begin = scenes[command];
    if (begin === undefined && command !== 'then')
      throw new Error('a scene begins with primary, standby or witness, and goes on with then.');
    if (begin !== undefined) this.#world = begin();
    for (const line of block.input) applyLine(this.#world, line);
    const before = this.#world.memory;
    const seen = makeObservation(this.#world);
    const decision = decide(seen, before);
    this.#world.memory = decision.memory;
    const told = explained === 'explained' ? explanation(factsOf(seen, decision.memory)) : [];
    return [...decisionText(decision, before), ...told];
  }
}

const explanation = (facts: Facts): readonly string[] => [
  ...(facts.hold === undefined ? explainCandidate(facts) : []).map((text) => `explain: ${text}`),
  ...postgresProblems(facts).map((text) => `problem: ${text}`),
];
