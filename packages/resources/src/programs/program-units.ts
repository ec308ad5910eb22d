import { processUnits, type ResourceAct, type ResourceSettings } from '@hamn/core';

/** The two units that programs of this resource run in: its own, and one for what must not meet it there. The guard ends both. */
export function programUnits(group: string, settings: ResourceSettings): readonly [string, string] {
  const [own = '', acting = ''] = processUnits(group, settings);
  if (own === '' || acting === '') throw new Error(`${settings.name} has no units for programs`);
  return [own, acting];
}

/**
 * What takes a resource away runs where the guard ends nothing: it makes the node more harmless, and an unmount or a demotion that was killed half-way
 * leaves it as it was. A kill does not wait for a stop that hangs.
 */
export const endingUnit = (
  group: string,
  { name }: Pick<ResourceSettings, 'name'>,
  act: ResourceAct,
): string => `hamn-res-${group}-${name}-${act === 'kill' ? 'kill' : 'end'}.service`;

/** Everything in which a program of it may run. */
export const allUnits = (group: string, settings: ResourceSettings): readonly string[] => [
  ...programUnits(group, settings),
  endingUnit(group, settings, 'stop'),
  endingUnit(group, settings, 'kill'),
];
