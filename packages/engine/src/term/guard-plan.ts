import { exclusiveMountOf, type GroupSettings, type GuardPlan, processUnits, traitsOf } from '@hamn/core';
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

/** Sees to it that the guard knows what to make harmless before the first term, and after each change of the settings. */
export class PlanKeeper {
  readonly #ports: Ports;
  #settings: GroupSettings | undefined;
  #given = '';

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Settings are never changed in place: the same ones make the same plan. */
  offer(settings: GroupSettings, isGuardThere: boolean): void {
    if (!isGuardThere || settings === this.#settings) return;
    this.#settings = settings;
    const plan = planOf(settings);
    const text = JSON.stringify(plan);
    if (text === this.#given) return;
    this.#given = text;
    const again = (): void => {
      this.#settings = undefined;
      this.#given = '';
    };
    this.#ports.guard.plan(plan, limitMs).then((given) => {
      if (!given.ok) again();
    }, again);
  }
}
