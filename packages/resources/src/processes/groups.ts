import { type ClockPort, type Deadline, pause } from '@hamn/engine';
import { controlGroupOf, killControlGroup, processesIn } from '@hamn/linux';

const pollMs = 10;

export const processesOf = (unit: string): readonly number[] => {
  const group = controlGroupOf(unit);
  return group === undefined ? [] : processesIn(group);
};

/** SIGKILL to the control groups of these units until they are empty; who is left at the limit. */
export async function killGroups(
  units: readonly string[],
  clock: ClockPort,
  limit: Deadline,
): Promise<readonly number[]> {
  for (;;) {
    const left = units.flatMap(processesOf);
    if (left.length === 0 || limit.leftMs() <= 0) return left;
    for (const unit of units) {
      const group = controlGroupOf(unit);
      if (group !== undefined) killControlGroup(group);
    }
    await pause(clock, Math.min(pollMs, limit.leftMs()));
  }
}
