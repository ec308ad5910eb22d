import { type Deadline, pause } from '@hamn/engine';
import { controlGroupDirectory, killControlGroup, processesIn } from './control-group.ts';
import type { UnitDeps } from './unit-deps.ts';

const pollMs = 10;

export type GroupFinder = () => string | undefined;

/** systemd forgets the group's path when the unit ends, so it is asked before. */
export async function groupFinder(deps: UnitDeps, unit: string, timeoutMs: number): Promise<GroupFinder> {
  const service = await deps.manager.properties(unit, 'Service', timeoutMs);
  const textOf = (name: string): string => (service.ok ? service.value.text(name) : '');
  return () => controlGroupDirectory(unit, textOf('ControlGroup'), textOf('Slice'));
}

export const processesOf = (groupOf: GroupFinder): readonly number[] => {
  const group = groupOf();
  return group === undefined ? [] : processesIn(group);
};

export async function emptied(deps: UnitDeps, groupOf: GroupFinder, limit: Deadline): Promise<boolean> {
  while (processesOf(groupOf).length > 0) {
    if (limit.leftMs() <= 0) return false;
    await pause(deps.clock, pollMs);
  }
  return true;
}

export async function killUntilEmpty(deps: UnitDeps, groupOf: GroupFinder, limit: Deadline): Promise<void> {
  while (processesOf(groupOf).length > 0) {
    const group = groupOf();
    if (group !== undefined) killControlGroup(group);
    if (limit.leftMs() <= pollMs) return;
    await pause(deps.clock, pollMs);
  }
}
