import { done, fail, type JobResource, ok } from '@hamn/core';
import { type KindAdapter, type KindCall, onlyKind } from '../kind-adapter.ts';
import type { ResourcesDeps, ResourcesOptions } from '../options.ts';
import { endUnits } from '../programs/end-units.ts';
import { programUnits } from '../programs/program-units.ts';
import { type Programs, unusable } from '../programs/programs.ts';
import { words } from '../programs/run-in-unit.ts';

/** The start is the run: it ends when the program has ended. */
export function jobKind({ group }: ResourcesOptions, deps: ResourcesDeps, programs: Programs): KindAdapter {
  type Call = KindCall<JobResource>;
  const unitOf = ({ settings }: Call): string => programUnits(group, settings)[0];
  return onlyKind('job', {
    look: async (call) => {
      const views = await deps.units.observe([unitOf(call)], call.limit.leftMs());
      if (!views.ok)
        return fail(views.error.code === 'timeout' ? 'timeout' : 'unreachable', views.error.message);
      const isRunning = views.value.some(({ active }) => active === 'activating' || active === 'active');
      return ok({ level: isRunning ? 'running' : 'stopped', sure: true, reason: undefined });
    },
    start: async (call, permit) => {
      const [program, ...rest] = call.what.command;
      const cannot = unusable(call.what.command);
      if (program === undefined || cannot !== undefined)
        return cannot ?? fail('unusable', 'It has no command.');
      const ran = await programs.inUnit(
        call,
        { unit: unitOf(call), act: 'start', command: [program, ...rest] },
        permit,
      );
      if (!ran.ok) return ran;
      const { code, output } = ran.value;
      return code === 0 ? done : fail('failed', `${program} ended with exit code ${code}.${words(output)}`);
    },
    stop: (call) => endUnits(deps, programUnits(group, call.settings), call.limit),
    kill: (call) => endUnits(deps, programUnits(group, call.settings), call.limit, { atOnce: true }),
  });
}
