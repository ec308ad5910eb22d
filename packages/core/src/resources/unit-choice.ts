import type { UnitView } from '../unit-view.ts';
import { type UnitResource, unitsOf } from './kinds/unit.ts';

/** It is there, and something of it runs or is about to. */
export const isUp = ({ loaded, active }: UnitView): boolean =>
  loaded && active !== 'inactive' && active !== 'failed';

/**
 * Of several names for one service the one that this node has: what runs, else the first that systemd knows. Undefined where it knows none. What
 * runs comes first, so that a package that is installed later does not make hamn forget what it started.
 */
export function unitTaken(views: readonly UnitView[]): UnitView | undefined {
  const here = views.filter(({ loaded }) => loaded);
  return here.find(isUp) ?? here[0];
}

/** The views of all its names; undefined where one of them is missing. */
export function viewsOf(
  what: UnitResource,
  units: ReadonlyMap<string, UnitView>,
): readonly UnitView[] | undefined {
  const views = unitsOf(what).flatMap((name) => units.get(name) ?? []);
  return views.length === unitsOf(what).length ? views : undefined;
}

/** Why it cannot run on this node: what was looked for, and the remedy. */
export function absentText(what: UnitResource): string {
  const names = unitsOf(what);
  const [one = ''] = names;
  if (names.length === 1)
    return `systemd has no usable unit ${one} on this node. Install it, or unmask it, or correct \`unit\`.`;
  return `systemd has no usable unit of these on this node: ${names.join(', ')}. Install one of them, name another with \`unit\`, or take the line away with \`remove: true\`.`;
}
