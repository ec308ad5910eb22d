import {
  type FencingSettings,
  leastMarginMs,
  marginParts,
  profiles,
  type ReplicationMode,
  type Timings,
} from '@hamn/core';
import type { Random } from '../base/random.ts';

/** What one seed stands for, but for the faults: the cluster and how it begins. */
export interface Scenario {
  readonly seed: number;
  readonly nodes: readonly {
    readonly name: string;
    readonly role: 'data' | 'witness';
    readonly rate: number;
  }[];
  readonly mode: ReplicationMode;
  /** Mode quorum: on how many standbys a write must be. */
  readonly quorum: number;
  readonly profile: 'fast' | 'default';
  readonly timings: Timings;
  /** The first node's database runs already, outside the term, when the group is new. */
  readonly adopts: boolean;
  /** A guard that cannot verify its act resets the machine, or goes on trying. */
  readonly onUnverified: 'reset' | 'try again';
  /** A watchdog resets a data node whose guard stops petting it. */
  readonly hasWatchdog: boolean;
  readonly fencing:
    | {
        readonly mode: FencingSettings['mode'];
        readonly action: 'off' | 'reboot';
        readonly afterShare: number;
      }
    | undefined;
  /** The share is a disk that one node alone may have mounted; only where fencing is required. */
  readonly exclusiveShare: boolean;
  /** Nodes from which others are cloned while they stream. */
  readonly clonefrom: readonly string[];
  /** A node that receives from another standby. */
  readonly cascade: Cascade | undefined;
  readonly faults: number;
  readonly aimedShare: number;
  /** The faults begin here and end by `healAtMs`. */
  readonly faultsFromMs: number;
  readonly healAtMs: number;
  readonly endAtMs: number;
}

export interface Cascade {
  readonly node: string;
  readonly from: string;
}

export interface ScenarioWish {
  readonly dataNodes?: 2 | 3 | 4 | undefined;
  readonly quorum?: number | undefined;
  readonly mode?: ReplicationMode | undefined;
  readonly profile?: 'fast' | 'default' | undefined;
  /** The first node's clock is as slow, the others' are as fast as the margin allows. */
  readonly widestDrift?: boolean | undefined;
  /** In place of the least margin that the term needs. */
  readonly marginMs?: number | undefined;
  readonly fencing?: FencingSettings['mode'] | undefined;
  readonly exclusiveShare?: boolean | undefined;
  readonly clonefrom?: readonly string[] | undefined;
  readonly cascade?: Cascade | undefined;
  readonly faults?: number | undefined;
  /** How often a fault is aimed at the primary. */
  readonly aimedShare?: number | undefined;
}

const faultsMs = 70_000;
const restMs = 150_000;

/**
 * The widest drift that the margin pays for: a holder that is slow by x and a candidate that is fast by x need
 * T / (1 + x) - (T - m) / (1 - x) to cover demotion and granularity. One clock alone may be wrong by more.
 */
const boundaryDrift = 0.09;
const loneDrift = marginParts.driftShare;

export function makeScenario(seed: number, random: Random, wish: ScenarioWish = {}): Scenario {
  const isLarge = wish.dataNodes === undefined ? random.chance(0.25) : wish.dataNodes > 2;
  const threeData = isLarge || wish.mode === 'quorum';
  const mode = wish.mode ?? random.pick(['synchronous', 'synchronous', 'asynchronous', 'strict']);
  const profile = wish.profile ?? random.pick(['default', 'default', 'fast']);
  const timings = profiles[profile];
  const faultsFromMs = random.chance(0.15) ? random.between(100, 4000) : random.between(9000, 13_000);
  const healAtMs = faultsFromMs + faultsMs * random.between(0.4, 1);
  const lone = random.chance(0.15) ? random.int(0, 2) : undefined;
  const rate = (index: number): number => {
    const drawn = rateOf(random);
    const sign = random.chance(0.5) ? 1 : -1;
    if (wish.widestDrift === true) return index === 0 ? 1 - boundaryDrift : 1 + boundaryDrift;
    if (lone === undefined) return drawn;
    return index === lone ? 1 + sign * loneDrift : 1;
  };
  const marginMs = wish.marginMs ?? leastMarginMs(timings.termMs);
  const scenario: Scenario = {
    seed,
    nodes: [
      { name: 'n1', role: 'data', rate: rate(0) },
      { name: 'n2', role: 'data', rate: rate(1) },
      threeData
        ? { name: 'n3', role: 'data', rate: rate(2) }
        : { name: 'w1', role: 'witness', rate: rate(2) },
    ],
    mode,
    quorum: 1,
    profile,
    timings: { ...timings, marginMs },
    adopts: random.chance(0.5),
    onUnverified: random.chance(0.5) ? 'reset' : 'try again',
    fencing: fencingFor(random, wish),
    hasWatchdog: profile === 'default' && random.chance(0.4),
    exclusiveShare: false,
    clonefrom: wish.clonefrom ?? sourcesOf(random.fork('clonefrom'), threeData),
    cascade: wish.cascade ?? cascadeOf(random.fork('cascade'), threeData),
    faults: wish.faults ?? random.int(3, 24),
    aimedShare: wish.aimedShare ?? random.pick([0.2, 0.5, 0.8]),
    faultsFromMs,
    healAtMs,
    endAtMs: healAtMs + restMs,
  };
  const drawn = { ...scenario, exclusiveShare: isShareExclusive(scenario, random.fork('share'), wish) };
  return threeData ? withQuorum(drawn, random, wish) : drawn;
}

function isShareExclusive({ fencing }: Scenario, random: Random, wish: ScenarioWish): boolean {
  const isDrawn = random.chance(0.5);
  return fencing?.mode === 'required' && (wish.exclusiveShare ?? isDrawn);
}

/** Drawn last, so that all else stays as it is without it. With a fourth data node a record can count two of three. */
function withQuorum(scenario: Scenario, random: Random, wish: ScenarioWish): Scenario {
  const isQuorum = wish.mode === undefined ? random.chance(0.5) : wish.mode === 'quorum';
  const hasFourth = wish.dataNodes === undefined ? isQuorum && random.chance(0.3) : wish.dataNodes === 4;
  const fourth = { name: 'n4', role: 'data', rate: rateOf(random) } as const;
  const quorum = wish.quorum ?? (random.chance(hasFourth ? 0.5 : 0.2) ? 2 : 1);
  if (!isQuorum) return { ...scenario, quorum };
  return {
    ...scenario,
    mode: 'quorum',
    quorum,
    // With three data nodes the settings refuse both: no two standbys would be left to choose from.
    cascade: hasFourth ? scenario.cascade : wish.cascade,
    nodes: hasFourth ? [...scenario.nodes, fourth] : scenario.nodes,
  };
}

function fencingFor(random: Random, wish: ScenarioWish): Scenario['fencing'] {
  const drawn = random.pick<FencingSettings['mode'] | undefined>([
    'automatic',
    'automatic',
    'required',
    'manual',
    undefined,
    undefined,
    undefined,
  ]);
  const action = random.pick<'off' | 'reboot'>(['off', 'reboot', 'reboot']);
  const afterShare = random.between(0.6, 0.9);
  const mode = wish.fencing ?? drawn;
  return mode === undefined ? undefined : { mode, action, afterShare };
}

/** With two data nodes there is no third one to clone from. */
function sourcesOf(random: Random, threeData: boolean): readonly string[] {
  if (!threeData) return [];
  return ['n1', 'n2', 'n3'].filter(() => random.chance(0.5));
}

function cascadeOf(random: Random, threeData: boolean): Cascade | undefined {
  const node = random.pick(['n1', 'n2', 'n3', 'n3', 'n3']);
  const others = ['n1', 'n2', 'n3'].filter((name) => name !== node);
  const from = random.chance(0.5) ? others[0] : others[1];
  return threeData && from !== undefined && random.chance(0.5) ? { node, from } : undefined;
}

function rateOf(random: Random): number {
  const kind = random.next();
  if (kind < 0.6) return 1 + random.between(-0.0005, 0.0005);
  if (kind < 0.8) return 1 + random.between(-boundaryDrift, boundaryDrift);
  return random.chance(0.5) ? 1 + boundaryDrift : 1 - boundaryDrift;
}
