import { done, fail, ok, type ResourceLook, type Result, type UnitResource, type UnitView } from '@hamn/core';
import { deadlineIn, pause, type ResourceFailure } from '@hamn/engine';
import { type KindAdapter, type KindCall, ofUnit, onlyKind } from '../kind-adapter.ts';
import { foreignHolders, portStates } from '../listening/holders.ts';
import type { ResourcesDeps } from '../options.ts';
import { killGroups, processesOf } from '../processes/groups.ts';
import { namedProcess } from '../processes/scan.ts';
import { type Command, type Programs, unusable } from '../programs/programs.ts';
import { words } from '../programs/run-in-unit.ts';

type Call = KindCall<UnitResource>;
type Outcome = Promise<Result<undefined, ResourceFailure>>;
type Look = Promise<Result<ResourceLook, ResourceFailure>>;

const pollMs = 20;
/** A port that is held for longer after the last process of the unit is somebody else's. */
const lingerMs = 1000;

const looked = (level: ResourceLook['level'], sure: boolean, reason?: string): Result<ResourceLook, never> =>
  ok({ level, sure, reason });

export function unitKind({ units, clock }: ResourcesDeps, programs: Programs): KindAdapter {
  const viewOf = async ({ what, limit }: Call): Promise<Result<UnitView, ResourceFailure>> => {
    const views = ofUnit(await units.observe([what.unit], limit.leftMs()));
    if (!views.ok) return views;
    const [view] = views.value;
    return view === undefined ? fail('failed', `systemd says nothing about ${what.unit}.`) : ok(view);
  };

  const look = async (call: Call): Look => {
    const view = await viewOf(call);
    if (!view.ok) return view;
    const { unit } = call.what;
    if (!view.value.loaded) return looked('stopped', true, `systemd knows no unit ${unit} on this node.`);
    switch (view.value.active) {
      case 'active':
      case 'reloading':
        return call.settings.monitor.depth === 'deep' ? lookDeep(call) : looked('running', true);
      case 'activating':
      case 'deactivating':
        return looked('failed', false, `${unit} is ${view.value.active} (${view.value.sub}).`);
      case 'inactive':
      case 'failed':
        return lookDown(unit, view.value);
    }
  };

  const lookDeep = async (call: Call): Look => {
    const { unit, ports, probe } = call.what;
    const bad = portStates(ports, processesOf(unit)).find(({ isOwn }) => !isOwn);
    if (bad?.isTaken === true) {
      const [held = ''] = await foreignHolders([bad.port], processesOf(unit));
      return looked('failed', false, `${held === '' ? '' : `${held} `}That does not belong to ${unit}.`);
    }
    if (bad !== undefined) return looked('failed', false, `${unit} does not listen on ${bad.port}.`);
    const [program, ...rest] = probe ?? [];
    return program === undefined ? looked('running', false) : ask(call, [program, ...rest]);
  };

  const ask = async (call: Call, command: Command): Look => {
    const cannot = unusable(command);
    if (cannot !== undefined) return cannot;
    const asked = await programs.child(call, 'monitor', command);
    if (!asked.ok) return asked;
    const { code, output } = asked.value;
    if (code === 0) return looked('running', false);
    return looked('failed', false, `Its probe ${command[0]} ended with exit code ${code}.${words(output)}`);
  };

  const start = async (call: Call, permit: () => boolean): Outcome => {
    const { what, limit, signal } = call;
    const owned = ofUnit(await units.own(what.unit, limit.leftMs()));
    if (!owned.ok) return owned;
    const view = await viewOf(call);
    if (!view.ok) return view;
    if (view.value.active !== 'active') {
      // What is left in its own group is ended by the start itself.
      const held = await foreignHolders(what.ports, processesOf(what.unit));
      if (held.length > 0)
        return fail(
          'failed',
          `${what.unit} was not started: ${held.join(' ')} End what holds it, or correct the resource's ports.`,
        );
    }
    // The stop that interrupts it replaces its job: it is not waited for.
    return orInterrupted(signal, units.start(what.unit, limit.leftMs(), permit).then(ofUnit));
  };

  /** A port may stay for a moment after its process. */
  const freed = async ({ what, limit }: Call): Outcome => {
    const isTaken = (): boolean => portStates(what.ports, []).some((port) => port.isTaken && !port.isOwn);
    const wait = deadlineIn(clock, Math.min(lingerMs, limit.leftMs() / 2));
    while (isTaken() && wait.leftMs() > 0) await pause(clock, pollMs);
    if (!isTaken()) return done;
    const held = await foreignHolders(what.ports, []);
    if (held.length === 0) return done;
    return fail(
      'failed',
      `${what.unit} has stopped, but ${held.join(' ')} hamn kills only what is in the unit's control group.`,
    );
  };

  const stop = async (call: Call): Outcome => {
    const stopped = ofUnit(await units.stop(call.what.unit, call.limit.leftMs()));
    return stopped.ok ? freed(call) : stopped;
  };

  const kill = async (call: Call): Outcome => {
    const left = await killGroups([call.what.unit], clock, call.limit);
    if (left.length > 0)
      return fail(
        'timeout',
        `Even SIGKILL did not end ${left.map(namedProcess).join(', ')} of ${call.what.unit}: they wait in the kernel, probably for a disk or a server.`,
      );
    return stop(call);
  };

  return onlyKind('unit', { look, start, stop, kill });
}

function lookDown(unit: string, { active, result }: UnitView): Result<ResourceLook, never> {
  const left = processesOf(unit);
  if (left.length > 0) {
    const names = left.map(namedProcess).join(', ');
    return looked('failed', true, `${unit} is ${active}, but ${names} of its control group still run.`);
  }
  const reason = active === 'failed' ? `${unit} has failed: its result is ${result}.` : undefined;
  return looked('stopped', true, reason);
}

/** The act, or its interruption, whichever comes first. */
function orInterrupted<T>(
  signal: AbortSignal,
  act: Promise<Result<T, ResourceFailure>>,
): Promise<Result<T, ResourceFailure>> {
  const interrupted = new Promise<Result<T, ResourceFailure>>((resolve) => {
    signal.addEventListener(
      'abort',
      () => resolve(fail('failed', 'Its start was interrupted: it is to be stopped.')),
      { once: true },
    );
  });
  return Promise.race([act, interrupted]);
}
