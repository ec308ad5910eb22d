import fc from 'fast-check';
import { resourceGraph } from '../resources/graph.ts';
import type { ResourceSettings } from '../resources/resource.ts';
import { isOut, type Standing, stepOf } from '../resources/standing.ts';
import type { ResourceAct } from '../resources/states.ts';
import { wantOf } from '../resources/wants.ts';
import { resourceOf } from './resource-lines.ts';
import { ResourceWorld } from './resource-world.ts';

/** Random groups and what happens to them, and a judge who knows how the resources really are. */

export interface WalkStep {
  readonly kind: 'role' | 'fail' | 'lie' | 'break' | 'restart' | 'maintenance' | 'protection' | 'wait';
  readonly pick: number;
  readonly detail: number;
  readonly afterMs: number;
}

const kinds = [
  'unit',
  'unit',
  'vip',
  'mount',
  'mount type=xfs',
  'drbd',
  'exec',
  'job',
  'postgres',
  'link',
  'marker',
  'template',
  'ocf promotable',
];

const resource = fc.record({
  kind: fc.constantFrom(...kinds),
  runs: fc.constantFrom('primary', 'primary', 'primary', 'all', 'standby'),
  outcome: fc.constantFrom('failover', 'degrade', 'ignore'),
  restarts: fc.nat(3),
  after: fc.array(fc.nat(20), { maxLength: 3 }),
});

/** Without circles: each comes after earlier ones only. A group that is refused is not walked through. */
export const groups: fc.Arbitrary<readonly ResourceSettings[]> = fc
  .array(resource, { minLength: 1, maxLength: 12 })
  .map((list) =>
    list.map(({ kind, runs, outcome, restarts, after }, index) => {
      const before = [...new Set(after.filter((at) => at < index))].map((at) => `r${at}`);
      const names = `after=${before.length === 0 ? '-' : before.join(',')}`;
      const limits = `start=2000 stop=1000 window=20000 restarts=${restarts}`;
      return resourceOf(`r${index} ${kind} runs=${runs} outcome=${outcome} ${names} ${limits} every=2000`);
    }),
  )
  .filter((group) => resourceGraph(group).ok);

export const stepsOf = (kindsOfSteps: readonly WalkStep['kind'][]): fc.Arbitrary<readonly WalkStep[]> =>
  fc.array(
    fc.record({
      kind: fc.constantFrom(...kindsOfSteps),
      pick: fc.nat(11),
      detail: fc.nat(11),
      afterMs: fc.oneof(fc.nat(150), fc.nat(3000)),
    }),
    { minLength: 15, maxLength: 60 },
  );

const acts: readonly ResourceAct[] = ['start', 'stop', 'promote', 'demote', 'kill'];

export class ResourceWalk {
  readonly world: ResourceWorld;
  readonly broken: string[] = [];
  readonly story: string[] = [];

  constructor(group: readonly ResourceSettings[]) {
    const graph = resourceGraph(group);
    if (!graph.ok) throw new Error(graph.error.message);
    this.world = new ResourceWorld(graph.value);
    this.world.onAct = (name, act) => this.#judge(name, act);
  }

  step(step: WalkStep): void {
    this.#happen(step);
    this.wait(step.afterMs);
  }

  wait(ms: number): void {
    const end = this.world.now + ms;
    do this.world.step(Math.min(500, Math.max(1, end - this.world.now)));
    while (this.world.now < end);
    this.story.push(...this.world.log);
    this.world.log = [];
  }

  #happen({ kind, pick, detail }: WalkStep): void {
    const { world } = this;
    const names = [...world.actual.keys()];
    const name = names[pick % names.length] ?? '';
    const one = world.of(name);
    const term = 7 + detail;
    const { maintenance, unprotected } = world.wanted;
    if (kind === 'role') {
      const roles = [
        { role: 'primary', term, drain: false },
        { role: 'primary', term, drain: true },
        { role: 'standby', term: undefined, drain: false },
        { role: 'none', term: undefined, drain: false },
      ] as const;
      world.wanted = { ...(roles[pick % 4] ?? roles[0]), maintenance, unprotected };
    } else if (kind === 'fail') {
      const act = acts[detail % acts.length] ?? 'start';
      const code = pick % 2 === 0 ? 'failed' : 'timeout';
      one.failing.set(act, { left: 1 + (detail % 5), code, late: act === 'start' && detail > 6 });
    } else if (kind === 'lie')
      one.lies = { look: detail % 2 === 0 ? 'unknown' : 'failed', left: 1 + (detail % 3) };
    else if (kind === 'break' && !world.flights.has(name))
      one.level = detail % 2 === 0 ? 'failed' : 'stopped';
    else if (kind === 'restart') world.restart();
    else if (kind === 'maintenance')
      world.wanted = { ...world.wanted, maintenance: new Set(detail % 2 === 0 ? [name] : []) };
    else if (kind === 'protection')
      world.wanted = { ...world.wanted, unprotected: detail % 2 === 0 ? 'There is no watchdog.' : undefined };
  }

  #judge(name: string, act: ResourceAct): void {
    const { world } = this;
    const node = world.graph.byName.get(name);
    if (node === undefined) return;
    if (act === 'start' || act === 'promote') {
      const isExclusive = node.traits.destroyedByTwo !== undefined && !node.settings.unfenced;
      const isHad = act === 'promote' || !node.traits.promotable;
      if (isExclusive && isHad && world.wanted.unprotected !== undefined)
        this.#against(`${act} ${name} without protection`);
      for (const before of node.before)
        if (!this.#isThere(before)) this.#against(`${act} ${name} before ${before}`);
    } else if (act !== 'kill') {
      const own = wantOf(node, world.wanted);
      for (const later of node.dependents)
        if (!this.#isGone(later, act === 'stop' && own !== 'stopped' && node.traits.carries))
          this.#against(`${act} ${name} under ${later}`);
    }
  }

  #isThere(name: string): boolean {
    const { world } = this;
    const one = this.#standing(name);
    const want = wantOf(one.node, world.wanted);
    if (want === 'stopped' || isOut(one)) return true;
    if (!one.managed && one.node.settings.failure.outcome !== 'failover') return true;
    if (one.node.traits.once) return one.hasRun;
    const { level } = world.of(name);
    return want === 'promoted' ? level === 'promoted' : level === 'running' || level === 'promoted';
  }

  #isGone(name: string, evenIfWanted: boolean): boolean {
    const { world } = this;
    const one = this.#standing(name);
    if (!one.managed || one.node.traits.once || stepOf(one) === 'report') return true;
    if (wantOf(one.node, world.wanted) !== 'stopped' && !evenIfWanted) return true;
    return world.of(name).level === 'stopped';
  }

  #standing(name: string): Standing {
    const found = this.world.plan?.standings.get(name);
    if (found === undefined) throw new Error(`${name} was not planned for.`);
    return found;
  }

  #against(what: string): void {
    this.broken.push(`@${this.world.now} ${what}`);
  }
}
