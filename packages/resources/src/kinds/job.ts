import { done, fail, type JobResource, ok, type Result, unitTaken } from '@hamn/core';
import type { ResourceFailure } from '@hamn/engine';
import { type KindAdapter, type KindCall, ofUnit, onlyKind } from '../kind-adapter.ts';
import type { ResourcesDeps, ResourcesOptions } from '../options.ts';
import { endUnits } from '../programs/end-units.ts';
import { programUnits } from '../programs/program-units.ts';
import { type Programs, unusable } from '../programs/programs.ts';
import { words } from '../programs/run-in-unit.ts';

/** The start is the run: it ends when the program has ended. */
export function jobKind({ group }: ResourcesOptions, deps: ResourcesDeps, programs: Programs): KindAdapter {
  type Call = KindCall<JobResource>;
  const unitOf = ({ settings }: Call): string => programUnits(group, settings)[0];
  /** Undefined where this node has none of the units that have a command. */
  const commandHere = async ({
    what: { command, byUnit },
    limit,
  }: Call): Promise<Result<readonly string[] | undefined, ResourceFailure>> => {
    if (byUnit === undefined) return ok(command);
    const names = byUnit.map(({ unit }) => unit);
    const views = ofUnit(await deps.units.observe(names, limit.leftMs()));
    if (!views.ok) return views;
    const taken = unitTaken(views.value)?.unit;
    return ok(byUnit.find(({ unit }) => unit === taken)?.command);
  };
  return onlyKind('job', {
    look: async (call) => {
      const views = await deps.units.observe([unitOf(call)], call.limit.leftMs());
      if (!views.ok)
        return fail(views.error.code === 'timeout' ? 'timeout' : 'unreachable', views.error.message);
      const isRunning = views.value.some(({ active }) => active === 'activating' || active === 'active');
      return ok({ level: isRunning ? 'running' : 'stopped', sure: true, reason: undefined });
    },
    start: async (call, permit) => {
      const chosen = await commandHere(call);
      if (!chosen.ok) return chosen;
      if (chosen.value === undefined) return done;
      const [program, ...rest] = chosen.value;
      const cannot = unusable(chosen.value);
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
