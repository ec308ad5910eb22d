import {
  absentText,
  done,
  fail,
  isUp,
  ok,
  type ResourceLook,
  type Result,
  type UnitResource,
  type UnitView,
  unitsOf,
  unitTaken,
} from '@hamn/core';
import { deadlineIn, pause, type ResourceFailure } from '@hamn/engine';
import { type KindAdapter, type KindCall, ofUnit, onlyKind } from '../kind-adapter.ts';
import { foreignHolders, portStates } from '../listening/holders.ts';
import type { ResourcesDeps, ResourcesOptions } from '../options.ts';
import { killGroups, processesOf } from '../processes/groups.ts';
import { namedProcess } from '../processes/scan.ts';
import type { Programs } from '../programs/programs.ts';
import { Turns } from '../turns.ts';
import { deepLook } from './unit-deep.ts';

type Call = KindCall<UnitResource>;
type Outcome = Promise<Result<undefined, ResourceFailure>>;
type Look = Promise<Result<ResourceLook, ResourceFailure>>;

interface Ready {
  /** The unit's name here. */
  readonly name: string;
  /** systemd was asked just now, and nothing but hamn starts it. */
  readonly isOwnedForSure: boolean;
}

const pollMs = 20;
const settlePollMs = 100;
/** A port that is held for longer after the last process of the unit is somebody else's. */
const lingerMs = 1000;

const looked = (
  level: ResourceLook['level'],
  reason?: string,
  more: Partial<ResourceLook> = {},
): Result<ResourceLook, never> => ok({ level, sure: true, reason, ...more });

export function unitKind(options: ResourcesOptions, deps: ResourcesDeps, programs: Programs): KindAdapter {
  const { units, clock } = deps;
  const lookDeep = deepLook(options, deps, programs);
  const turns = new Turns(clock);

  /** Of all the names that it may have on this node. */
  const viewsOf = async ({ what, limit }: Call): Promise<Result<readonly UnitView[], ResourceFailure>> =>
    ofUnit(await units.observe(unitsOf(what), limit.leftMs()));

  /** The name that it has here; the first one where none is there: then the start says it. */
  const nameOf = (what: UnitResource, views: readonly UnitView[]): string =>
    unitTaken(views)?.unit ?? what.unit;

  /** What is up under any of its names, and the one that it has here: a later package may have brought another name. */
  const namesToStop = async (call: Call): Promise<readonly string[]> => {
    const views = await viewsOf(call);
    if (!views.ok) return unitsOf(call.what);
    return [
      ...new Set([nameOf(call.what, views.value), ...views.value.filter(isUp).map(({ unit }) => unit)]),
    ];
  };

  /** One that somebody restarts is waited for, within half of the limit: what it was or will be is no failure. */
  const settledViewsOf = async (call: Call): ReturnType<typeof viewsOf> => {
    const wait = deadlineIn(clock, call.limit.leftMs() / 2);
    for (;;) {
      const views = await viewsOf(call);
      const view = views.ok ? unitTaken(views.value) : undefined;
      const isOnItsWay = view?.active === 'activating' || view?.active === 'deactivating';
      if (!isOnItsWay || wait.leftMs() <= 0 || call.signal.aborted) return views;
      await pause(clock, settlePollMs);
    }
  };

  const look = async (call: Call): Look => {
    const views = await settledViewsOf(call);
    if (!views.ok) return views;
    const view = unitTaken(views.value);
    if (view === undefined) return looked('stopped', absentText(call.what), { absent: true });
    const { unit } = view;
    switch (view.active) {
      case 'active':
      case 'reloading':
        return call.settings.monitor.depth === 'deep' ? lookDeep(call, unit) : looked('running');
      case 'activating':
      case 'deactivating':
        return looked('failed', `${unit} is ${view.active} (${view.sub}).`, { sure: false });
      case 'inactive':
      case 'failed':
        return lookDown(unit, view);
    }
  };

  const start = async (call: Call, permit: () => boolean): Outcome => {
    const endTurn = await turns.take(call.signal);
    try {
      const unit = await readyToStart(call);
      if (!unit.ok) return unit;
      const { name, isOwnedForSure } = unit.value;
      // The next one may ask from here on: systemd has the job before its questions.
      const asked = (): boolean => {
        endTurn();
        return permit();
      };
      const started = units.start(name, call.limit.leftMs(), asked).then(ofUnit);
      // The stop that interrupts it replaces its job: it is not waited for.
      const result = await orInterrupted(call.signal, started);
      if (!result.ok || isOwnedForSure) return result;
      const still = await owned(call, name);
      // No answer says nothing of it: it was hamn's half a minute ago.
      if (still.ok || still.error.code !== 'failed') return result;
      // Somebody took it from hamn since: what systemd may restart must not run.
      await units.stop(name, call.limit.leftMs());
      return still;
    } finally {
      endTurn();
    }
  };

  /** Nothing is in its way. What was hamn's a moment ago is asked about after its start, when systemd answers faster. */
  const readyToStart = async (call: Call): Promise<Result<Ready, ResourceFailure>> => {
    const { what } = call;
    const views = await viewsOf(call);
    if (!views.ok) return views;
    if (unitTaken(views.value) === undefined) return fail('unusable', absentText(what));
    const name = nameOf(what, views.value);
    const isOwnedForSure = !(await units.wasOwned(name));
    const own = isOwnedForSure ? await owned(call, name) : done;
    if (!own.ok) return own;
    if (unitTaken(views.value)?.active === 'active') return ok({ name, isOwnedForSure });
    // What is left in its own group is ended by the start itself.
    const held = await foreignHolders(what.ports, processesOf(name));
    if (held.length === 0) return ok({ name, isOwnedForSure });
    return fail(
      'failed',
      `${name} was not started: ${held.join(' ')} End what holds it, or correct the resource's ports.`,
    );
  };

  const owned = async ({ limit }: Call, unit: string): Outcome =>
    ofUnit(await units.own(unit, limit.leftMs()));

  /** A port may stay for a moment after its process. */
  const freed = async ({ what, limit }: Call, unit: string): Outcome => {
    const isTaken = (): boolean => portStates(what.ports, []).some((port) => port.isTaken && !port.isOwn);
    const wait = deadlineIn(clock, Math.min(lingerMs, limit.leftMs() / 2));
    while (isTaken() && wait.leftMs() > 0) await pause(clock, pollMs);
    if (!isTaken()) return done;
    const held = await foreignHolders(what.ports, []);
    if (held.length === 0) return done;
    return fail(
      'failed',
      `${unit} has stopped, but ${held.join(' ')} hamn kills only what is in the unit's control group.`,
    );
  };

  const stop = async (call: Call): Outcome => {
    const names = await namesToStop(call);
    const stops = await Promise.all(names.map((unit) => units.stop(unit, call.limit.leftMs()).then(ofUnit)));
    const failed = stops.find((one) => !one.ok);
    return failed ?? freed(call, names[0] ?? call.what.unit);
  };

  const kill = async (call: Call): Outcome => {
    const names = unitsOf(call.what);
    const left = await killGroups(names, clock, call.limit);
    if (left.length > 0)
      return fail(
        'timeout',
        `Even SIGKILL did not end ${left.map(namedProcess).join(', ')} of ${names.join(', ')}: they wait in the kernel, probably for a disk or a server.`,
      );
    return stop(call);
  };

  return onlyKind('unit', { look, start, stop, kill });
}

function lookDown(unit: string, { active, result }: UnitView): Result<ResourceLook, never> {
  const left = processesOf(unit);
  if (left.length > 0) {
    const names = left.map(namedProcess).join(', ');
    return looked('failed', `${unit} is ${active}, but ${names} of its control group still run.`);
  }
  const reason = active === 'failed' ? `${unit} has failed: its result is ${result}.` : undefined;
  return looked('stopped', reason);
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
