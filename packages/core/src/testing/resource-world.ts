import { after, type Instant, instant } from '../brands.ts';
import { known, unknown } from '../reading.ts';
import type { ResourceGraph } from '../resources/graph.ts';
import type { ResourcesMemory } from '../resources/memory.ts';
import { planResources, type ResourceIntention, type ResourcePlan } from '../resources/plan.ts';
import type {
  CopyState,
  ResourceAct,
  ResourceFinish,
  ResourceLook,
  ResourceSeen,
} from '../resources/states.ts';
import type { WantedRole } from '../resources/wants.ts';

/** A node's resources as they really are, with acts that take time, fail, or never end. */
export interface ActualResource {
  level: ResourceLook['level'];
  /** What a look says of it instead of the truth, and how often yet. */
  lies: { look: 'stopped' | 'failed' | 'unknown'; left: number } | undefined;
  /** Works with less than configured. */
  lacks: string | undefined;
  copy: CopyState | undefined;
  /** How often each act fails yet, and with which code; a timeout of a start may be late. */
  readonly failing: Map<ResourceAct, { left: number; code: string; late: boolean }>;
  readonly durations: Map<ResourceAct, number>;
  runs: number;
}

interface Flight {
  readonly act: ResourceAct;
  readonly since: Instant;
  readonly ends: Instant;
}

/** Carries out what the plan wants, and keeps to the order in which it was told to. */
export class ResourceWorld {
  now: Instant = instant(0);
  wanted: WantedRole = { role: 'standby', term: undefined, drain: false, maintenance: new Set() };
  readonly graph: ResourceGraph;
  readonly actual: Map<string, ActualResource> = new Map();
  readonly flights: Map<string, Flight> = new Map();
  plan: ResourcePlan | undefined;
  memory: ResourcesMemory = new Map();
  /** What happened, in lines, since it was last taken. */
  log: string[] = [];
  /** Called immediately before an act begins. */
  onAct: (name: string, act: ResourceAct) => void = () => {};
  fenced = false;
  readonly #seen = new Map<string, ResourceSeen>();

  constructor(graph: ResourceGraph) {
    this.graph = graph;
    for (const { settings } of graph.nodes) {
      this.actual.set(settings.name, {
        level: 'stopped',
        lies: undefined,
        lacks: undefined,
        copy: undefined,
        failing: new Map(),
        durations: new Map(),
        runs: 0,
      });
      this.#seen.set(settings.name, { look: undefined, inFlight: undefined, finished: undefined });
    }
  }

  of(name: string): ActualResource {
    const found = this.actual.get(name);
    if (found === undefined) throw new Error(`There is no resource '${name}' in this scenario.`);
    return found;
  }

  /** hamnd was restarted: what runs goes on, and nothing is remembered. */
  restart(): void {
    this.memory = new Map();
    this.flights.clear();
    for (const name of this.#seen.keys())
      this.#seen.set(name, { look: undefined, inFlight: undefined, finished: undefined });
  }

  /** Moves on to the next instant at which something ends, at most by `mostMs`, and plans. */
  step(mostMs: number): void {
    const ends = [...this.flights.values()].map((flight) => flight.ends);
    this.now = instant(Math.min(after(this.now, mostMs), ...ends.map((end) => Math.max(end, this.now))));
    for (const [name, flight] of [...this.flights]) if (flight.ends <= this.now) this.#end(name, flight);
    const seen = new Map(
      [...this.#seen].map(([name, one]) => {
        const flight = this.flights.get(name);
        const inFlight = flight === undefined ? undefined : { act: flight.act, since: flight.since };
        return [name, { ...one, inFlight }];
      }),
    );
    this.plan = planResources(this.graph, this.wanted, seen, this.memory, this.now);
    this.memory = this.plan.memory;
    for (const intention of this.plan.intentions) this.#begin(intention);
  }

  #begin(intention: ResourceIntention): void {
    const { name, reason } = intention;
    if (intention.kind === 'resource.self-fence') this.fenced = true;
    if (intention.kind !== 'resource.act') {
      this.log.push(`@${this.now} ${intention.kind.replace('resource.', '')}: ${reason}`);
      return;
    }
    const { act } = intention;
    if (act !== 'monitor') this.log.push(`@${this.now} ${act} ${name}: ${reason}`);
    if (act !== 'monitor') this.onAct(name, act);
    const tookMs = this.of(name).durations.get(act) ?? (act === 'monitor' ? 10 : 100);
    const failing = this.of(name).failing.get(act);
    const isHung = failing !== undefined && failing.left > 0 && failing.code === 'timeout';
    const ms = isHung ? intention.limitMs : tookMs;
    this.flights.set(name, { act, since: this.now, ends: after(this.now, ms) });
  }

  #end(name: string, { act }: Flight): void {
    this.flights.delete(name);
    const seen = this.#seen.get(name) ?? { look: undefined, inFlight: undefined, finished: undefined };
    if (act === 'monitor') {
      this.#seen.set(name, { ...seen, look: { at: this.now, found: this.#look(name) } });
      return;
    }
    const finished = this.#finish(name, act);
    if (!finished.ok) this.log.push(`@${this.now} ${act} ${name} failed: ${finished.code}`);
    this.#seen.set(name, { ...seen, finished });
  }

  #finish(name: string, act: Exclude<ResourceAct, 'monitor'>): ResourceFinish {
    const one = this.of(name);
    const failing = one.failing.get(act);
    if (failing !== undefined && failing.left > 0) {
      failing.left -= 1;
      if (failing.late) one.level = 'running';
      else if (act === 'start') one.level = 'failed';
      return { act, at: this.now, ok: false, code: failing.code, message: `The ${act} of ${name} failed.` };
    }
    const levels = {
      start: 'running',
      promote: 'promoted',
      demote: 'running',
      outdate: 'running',
      stop: 'stopped',
      kill: 'stopped',
    } as const;
    if (act === 'start') one.runs += 1;
    one.level = levels[act];
    if (act === 'outdate') one.copy = 'stale';
    return { act, at: this.now, ok: true, code: undefined, message: undefined };
  }

  #look(name: string): ReturnType<typeof known<ResourceLook>> | ReturnType<typeof unknown<ResourceLook>> {
    const one = this.of(name);
    if (one.lies !== undefined && one.lies.left > 0) {
      one.lies.left -= 1;
      if (one.lies.look === 'unknown') return unknown('The look did not end in time.');
      return known({ level: one.lies.look, sure: false, reason: undefined });
    }
    const reason = one.level === 'failed' ? 'Its process has ended with 1.' : one.lacks;
    return known({ level: one.level, sure: false, reason, copy: one.copy });
  }
}
