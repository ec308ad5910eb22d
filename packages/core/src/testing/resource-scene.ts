import { type Instant, instant } from '../brands.ts';
import { type ResourceGraph, resourceGraph } from '../resources/graph.ts';
import { graphProblems } from '../resources/graph-problems.ts';
import { cleanedUp } from '../resources/memory.ts';
import { protectionDemands } from '../resources/protection.ts';
import type { CopyState, ResourceAct, ResourceLook } from '../resources/states.ts';
import { type ResourceBranch, resourceSummary } from '../resources/summary.ts';
import type { Block } from './datadriven.ts';
import { resourceOf } from './resource-lines.ts';
import { ResourceWorld } from './resource-world.ts';
import { listOf, numberOf, readWords, unknownWord, type Words, wordAt } from './words.ts';

/** The stories of testdata/resources: what is configured, what happens to it, and what the plan does about it. */
export class ResourceScene {
  #world: ResourceWorld | undefined;

  run(block: Block): readonly string[] {
    const words = readWords(block.command);
    switch (wordAt(words, 0)) {
      case 'resources':
        return this.#resources(block.input);
      case 'protection':
        return protectionDemands(block.input.map(resourceOf), {
          fencing: (words.named.get('fencing') ?? 'none') as 'none',
          watchdog: (words.named.get('watchdog') ?? 'off') as 'off',
        }).map(({ resource, message }) => `${resource}: ${message}`);
      case 'role':
        return this.#role(words, block.input);
      case 'then':
        return this.#go(numberOf(words, 'for', 60_000), block.input);
      case 'tree':
        return this.#tree();
      default:
        return unknownWord(words);
    }
  }

  #resources(lines: readonly string[]): readonly string[] {
    const resources = lines.map(resourceOf);
    const problems = graphProblems(resources).map(({ code, message }) => `${code}: ${message}`);
    const graph = resourceGraph(resources);
    if (!graph.ok) return problems;
    this.#world = new ResourceWorld(graph.value);
    return orderText(graph.value);
  }

  #role(words: Words, input: readonly string[]): readonly string[] {
    const world = this.#there();
    const role = wordAt(words, 1) as 'primary' | 'standby' | 'none';
    world.wanted = {
      role,
      term: role === 'primary' ? numberOf(words, 'term', 7) : undefined,
      drain: words.plain.includes('drain'),
      maintenance: new Set(listOf(words.named.get('maintenance') ?? '-')),
      ahead: new Set(listOf(words.named.get('ahead') ?? '-')),
      unprotected: words.plain.includes('unprotected') ? 'Nothing would take it from here.' : undefined,
    };
    return this.#go(numberOf(words, 'for', 60_000), input);
  }

  /** Goes on until nothing but looks happens any more, at most so long. */
  #go(mostMs: number, input: readonly string[]): readonly string[] {
    const world = this.#there();
    for (const line of input) this.#happens(readWords(line));
    world.log = [];
    const end = instant(world.now + mostMs);
    let quietSince: Instant = world.now;
    while (world.now < end && !world.fenced && world.now - quietSince < 15_000) {
      const before = world.log.length;
      world.step(Math.min(500, end - world.now));
      if (world.log.length > before || [...world.flights.values()].some(({ act }) => act !== 'monitor'))
        quietSince = world.now;
    }
    world.fenced = false;
    return repeated(world.log);
  }

  #happens(words: Words): void {
    const world = this.#there();
    const name = wordAt(words, 0);
    if (name === 'restart') return world.restart();
    if (name === 'cleanup') {
      world.memory = cleanedUp(world.memory, words.plain[1]);
      return;
    }
    const one = world.of(name);
    const word = wordAt(words, 1);
    const times = numberOf(words, 'times', 1);
    if (word === 'fails') {
      const code = words.named.get('code') ?? 'failed';
      const late = words.plain.includes('late');
      one.failing.set(wordAt(words, 2) as ResourceAct, { left: times, code, late });
    } else if (word === 'takes')
      one.durations.set(wordAt(words, 2) as ResourceAct, numberOf(words, 'ms', 100));
    else if (word === 'lies') one.lies = { look: wordAt(words, 2) as 'unknown', left: times };
    else if (word === 'lacks') one.lacks = wordAt(words, 2);
    else if (word === 'copy') one.copy = words.plain[2] as CopyState | undefined;
    else if (word === 'is') one.level = wordAt(words, 2) as ResourceLook['level'];
    else unknownWord(words);
  }

  #tree(): readonly string[] {
    const world = this.#there();
    if (world.plan === undefined) return ['nothing was planned yet'];
    const summary = resourceSummary(world.graph, world.plan, world.now);
    return [summary.overall, ...summary.tree.flatMap((branch) => branchText(branch, ''))];
  }

  #there(): ResourceWorld {
    if (this.#world === undefined) throw new Error('The scenario names no resources yet.');
    return this.#world;
  }
}

const orderText = ({ nodes }: ResourceGraph): readonly string[] =>
  nodes.map(
    ({ depth, settings, after }) =>
      `${depth} ${settings.name}${after.length === 0 ? '' : ` after ${after.join(', ')}`}`,
  );

function branchText(branch: ResourceBranch, indent: string): readonly string[] {
  const { name, state, want, reason, forMs, failures, alsoAfter, below } = branch;
  const words = [
    `${indent}${name} ${state}`,
    state === want ? '' : ` (to be ${want})`,
    ` for ${forMs} ms`,
    failures.count === 0 ? '' : `, ${failures.count} of ${failures.restarts} failures`,
    alsoAfter.length === 0 ? '' : `, also after ${alsoAfter.join(', ')}`,
    reason === '' ? '' : `: ${reason}`,
  ];
  return [words.join(''), ...below.flatMap((inner) => branchText(inner, `${indent}  `))];
}

/** The same wish in each round is told once, with how often. */
function repeated(log: readonly string[]): readonly string[] {
  const text = (line: string): string => line.replace(/^@\d+ /, '');
  const lines: { line: string; times: number }[] = [];
  for (const line of log) {
    const same = lines.find(
      (other) => text(other.line) === text(line) && /^(fail-over|self-fence)/.test(text(line)),
    );
    if (same === undefined) lines.push({ line, times: 1 });
    else same.times += 1;
  }
  return lines.map(({ line, times }) => (times === 1 ? line : `${line} (and again)`));
}
