import {
  done,
  type ExecResource,
  fail,
  ok,
  type ResourceAct,
  type ResourceLook,
  type Result,
} from '@hamn/core';
import { always, deadlineIn, type Permit, type ResourceFailure } from '@hamn/engine';
import { type KindAdapter, type KindCall, onlyKind } from '../kind-adapter.ts';
import type { ResourcesDeps, ResourcesOptions } from '../options.ts';
import { processesOf } from '../processes/groups.ts';
import { endUnits } from '../programs/end-units.ts';
import { allUnits, endingUnit, programUnits } from '../programs/program-units.ts';
import { type Programs, unusable } from '../programs/programs.ts';
import { type RunEnd, words } from '../programs/run-in-unit.ts';

type Call = KindCall<ExecResource>;

/** 1: "it failed"; 3: the LSB's "not running"; 7: OCF's. */
const notRunning: ReadonlySet<number> = new Set([1, 3, 7]);
/** A first look takes no more than this part of the limit from what it is for. */
const lookShare = 4;

/** The admin's three programs. What `start` leaves stays in the first unit; `stop` and `monitor` run in the second, so that they do not end themselves; a stop in one that the guard leaves alone. */
export function execKind({ group }: ResourcesOptions, deps: ResourcesDeps, programs: Programs): KindAdapter {
  const unitsOf = ({ settings }: Call): readonly [string, string] => programUnits(group, settings);
  const run = async (
    call: Call,
    act: ResourceAct,
    command: readonly string[],
    permit: Permit = always,
  ): Promise<Result<RunEnd, ResourceFailure>> => {
    const cannot = unusable(command);
    const [program, ...rest] = command;
    if (program === undefined || cannot !== undefined) return cannot ?? fail('unusable', `It has no ${act}.`);
    const [own, acting] = unitsOf(call);
    const besides = act === 'stop' ? endingUnit(group, call.settings, act) : acting;
    const unit = act === 'start' ? own : besides;
    return programs.inUnit(
      call,
      { unit, act, command: [program, ...rest], remains: act === 'start' },
      permit,
    );
  };
  const succeed = async (
    call: Call,
    act: ResourceAct,
    command: readonly string[],
    permit?: Permit,
  ): Promise<Result<undefined, ResourceFailure>> => {
    const ran = await run(call, act, command, permit);
    if (!ran.ok) return ran;
    const { code, output } = ran.value;
    return code === 0 ? done : fail('failed', `${command[0]} ended with exit code ${code}.${words(output)}`);
  };
  const look = async (call: Call): Promise<Result<ResourceLook, ResourceFailure>> => {
    const asked = await run(call, 'monitor', call.what.monitor);
    if (!asked.ok) return asked;
    const { code, output } = asked.value;
    if (code === 0) return ok({ level: 'running', sure: false, reason: undefined });
    if (notRunning.has(code)) return ok({ level: 'stopped', sure: false, reason: undefined });
    const reason = `${call.what.monitor[0]} ended with exit code ${code}.${words(output)}`;
    return ok({ level: 'failed', sure: false, reason });
  };
  const levelNow = async (call: Call): Promise<ResourceLook['level'] | 'unknown'> => {
    const limit = deadlineIn(deps.clock, call.limit.leftMs() / lookShare);
    const found = await look({ ...call, limit });
    return found.ok ? found.value.level : 'unknown';
  };
  const hasProcesses = (call: Call): boolean => processesOf(unitsOf(call)[0]).length > 0;

  return onlyKind('exec', {
    look,
    start: async (call, permit) => {
      // To start its unit anew would end what runs in it.
      if (hasProcesses(call) && (await levelNow(call)) === 'running') return done;
      return succeed(call, 'start', call.what.start, permit);
    },
    stop: async (call) => {
      // Not every program can stop what does not run, and one that is not on this node has nothing to stop.
      const isStopped =
        !hasProcesses(call) &&
        (unusable(call.what.stop) !== undefined || (await levelNow(call)) === 'stopped');
      const stopped = isStopped ? done : await succeed(call, 'stop', call.what.stop);
      return stopped.ok ? endUnits(deps, [unitsOf(call)[0]], call.limit) : stopped;
    },
    kill: async (call) => {
      const ended = await endUnits(deps, allUnits(group, call.settings), call.limit, { atOnce: true });
      if (!ended.ok || (await levelNow(call)) !== 'running') return ended;
      return fail(
        'failed',
        `Its control groups are empty, and ${call.what.monitor[0]} says that it runs: not what hamn started.`,
      );
    },
  });
}
