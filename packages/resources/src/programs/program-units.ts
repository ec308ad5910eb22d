import { processUnits, type ResourceSettings } from '@hamn/core';

/** The two units that programs of this resource run in: its own, and one for what must not meet it there. */
export function programUnits(group: string, settings: ResourceSettings): readonly [string, string] {
  const [own = '', acting = ''] = processUnits(group, settings);
  if (own === '' || acting === '') throw new Error(`${settings.name} has no units for programs`);
  return [own, acting];
}
