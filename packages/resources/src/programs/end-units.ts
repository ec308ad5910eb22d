import { done, fail, type Result } from '@hamn/core';
import type { Deadline, ResourceFailure } from '@hamn/engine';
import { ofUnit } from '../kind-adapter.ts';
import type { ResourcesDeps } from '../options.ts';
import { killGroups } from '../processes/groups.ts';
import { namedProcess } from '../processes/scan.ts';

/** Stops units and sees their control groups empty; `atOnce` kills first. A unit that is not there is stopped. */
export async function endUnits(
  { clock, units }: ResourcesDeps,
  names: readonly string[],
  limit: Deadline,
  { atOnce = false }: { readonly atOnce?: boolean } = {},
): Promise<Result<undefined, ResourceFailure>> {
  if (atOnce) {
    const left = await killGroups(names, clock, limit);
    if (left.length > 0)
      return fail(
        'timeout',
        `Even SIGKILL did not end ${left.map(namedProcess).join(', ')}: they wait in the kernel, probably for a disk or a server.`,
      );
  }
  const ended = await Promise.all(names.map((name) => units.stop(name, limit.leftMs())));
  return ofUnit(ended.find(({ ok }) => !ok) ?? done);
}
