import type { UnitView } from '@hamn/core';

/** A line of ListUnitsByNames: what systemd knows of a unit at this moment. */
export interface ListedUnit {
  readonly unit: string;
  readonly loadState: string;
  readonly active: UnitView['active'];
  readonly sub: string;
  /** The unit's job, or 0. */
  readonly jobId: number;
}

export const isText = (value: unknown): value is string => typeof value === 'string';

export const textList = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) && value.every(isText) ? value : undefined;

const activeStates: readonly UnitView['active'][] = [
  'active',
  'reloading',
  'inactive',
  'failed',
  'activating',
  'deactivating',
];

/** States of later systemds (`refreshing`, `maintenance`) count as the ones they pass for. */
export function activeState(text: string): UnitView['active'] {
  if (text === 'refreshing') return 'reloading';
  return activeStates.find((each) => each === text) ?? 'deactivating';
}

function listedUnit(row: unknown): ListedUnit | undefined {
  if (!Array.isArray(row)) return undefined;
  const [unit, , loadState, active, sub, , , jobId]: readonly unknown[] = row;
  if (!isText(unit) || !isText(loadState) || !isText(active) || !isText(sub) || typeof jobId !== 'number')
    return undefined;
  return { unit, loadState, active: activeState(active), sub, jobId };
}

/** The answer of ListUnitsByNames, a(ssssssouso); undefined where it has another form. */
export function listedUnits(value: unknown): readonly ListedUnit[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const rows = value.map(listedUnit);
  return rows.every((row) => row !== undefined) ? rows : undefined;
}

/** JobRemoved's body: (u id, o job, s unit, s result). */
export function jobRemoved(
  body: readonly unknown[],
): { readonly jobPath: string; readonly result: string } | undefined {
  const [, jobPath, , result] = body;
  return isText(jobPath) && isText(result) ? { jobPath, result } : undefined;
}

/** The number at the end of a job's object path. */
export const jobIdOf = (jobPath: string): number => Number(jobPath.slice(jobPath.lastIndexOf('/') + 1));

/** What a unit's interface says of it. A property that is missing, or is of another type, is empty: later systemds may have dropped it. */
export interface Properties {
  text(name: string): string;
  texts(name: string): readonly string[];
  value(name: string): unknown;
}

/** The answer of GetAll, a{sv}; undefined where it has another form. */
export function propertiesOf(answer: unknown): Properties | undefined {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return undefined;
  const all = new Map<string, unknown>(Object.entries(answer));
  const text = (name: string): string => {
    const value = all.get(name);
    return isText(value) ? value : '';
  };
  return { text, texts: (name) => textList(all.get(name)) ?? [], value: (name) => all.get(name) };
}

/** ActiveState and SubState in a PropertiesChanged of a unit, where they are in it. */
export function changedState(body: readonly unknown[]): string | undefined {
  const [owner, changed] = body;
  if (owner !== 'org.freedesktop.systemd1.Unit' || typeof changed !== 'object' || changed === null)
    return undefined;
  if (!('ActiveState' in changed) || !('SubState' in changed)) return undefined;
  const { ActiveState: active, SubState: sub } = changed;
  return isText(active) && isText(sub) ? `${active}/${sub}` : undefined;
}

/** Whether a unit in this UnitFileState, wanted by these units, starts at boot. `generated` units have no links of their own. */
export const startsAtBoot = (unitFileState: string, wantedBy: readonly string[]): boolean =>
  unitFileState.startsWith('enabled') || (unitFileState === 'generated' && wantedBy.length > 0);
