import {
  exclusiveMountOf,
  type GroupSettings,
  type GuardPlan,
  type GuardView,
  type Intention,
  processUnits,
  traitsOf,
} from '@hamn/core';
import type { Ports } from '../ports/all.ts';

const limitMs = 500;

/** PostgreSQL first: it is what must stop at once. What runs on every node may run on. */
export const planOf = (settings: GroupSettings): GuardPlan => ({
  group: settings.group,
  units: [
    ...(settings.postgres === undefined ? [] : [settings.postgres.unit]),
    ...settings.resources
      .filter((resource) => resource.runs === 'primary' || traitsOf(resource.what).promotable)
      .flatMap((resource) => processUnits(settings.group, resource)),
  ],
  dataDirectory: settings.postgres?.dataDirectory,
  vips: settings.vips,
  mounts: settings.resources.flatMap((resource) => exclusiveMountOf(resource) ?? []),
});

/** Sees to it that the guard knows what to make harmless before the first term, and after each change of the settings before anything new starts. */
export class PlanKeeper {
  readonly #ports: Pick<Ports, 'guard'>;
  readonly #onKnown: () => void;
  #settings: GroupSettings | undefined;
  /** The plan of these settings. */
  #plan = '';
  #asked = '';
  #known = '';
  /** It was taken while the role could run, so that the guard kept what it lacks. */
  #isGrown = false;

  constructor(ports: Pick<Ports, 'guard'>, onKnown: () => void) {
    this.#ports = ports;
    this.#onKnown = onKnown;
  }

  /** Settings are never changed in place: the same ones make the same plan. */
  offer(settings: GroupSettings, guard: GuardView | undefined): void {
    const text = this.#textOf(settings);
    if (guard === undefined) return;
    const isHarmless = guard.state === 'harmless';
    if (this.#isGrown && isHarmless) {
      this.#isGrown = false;
      this.#asked = '';
    }
    if (text === this.#asked) return;
    this.#asked = text;
    const again = (): void => {
      if (this.#asked === text) this.#asked = '';
    };
    this.#ports.guard.plan(planOf(settings), limitMs).then((given) => {
      if (!given.ok) return again();
      this.#isGrown ||= !isHarmless;
      if (this.#known === text) return;
      this.#known = text;
      this.#onKnown();
    }, again);
  }

  /** Nothing appears on this node that the guard would not take away. Its answer brings the next tick. */
  allows(intention: Intention, settings: GroupSettings): boolean {
    const appears = intention.kind === 'vip.add' || (intention.kind === 'resource.act' && intention.onTerm);
    return !appears || this.#textOf(settings) === this.#known;
  }

  #textOf(settings: GroupSettings): string {
    if (settings !== this.#settings) {
      this.#settings = settings;
      this.#plan = JSON.stringify(planOf(settings));
    }
    return this.#plan;
  }
}
