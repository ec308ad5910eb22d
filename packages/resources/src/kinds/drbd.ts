import { readFileSync, statSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { type DrbdResource, done, fail, ok, type ResourceAct, type Result } from '@hamn/core';
import { always, type ClockPort, deadlineIn, type Permit, pause, type ResourceFailure } from '@hamn/engine';
import { parseMounts } from '@hamn/linux';
import { judgeDrbd } from '../drbd/judge.ts';
import { parseProcDrbd } from '../drbd/proc-drbd.ts';
import type { DrbdState } from '../drbd/state.ts';
import { parseStatus } from '../drbd/status-json.ts';
import { type KindAdapter, type KindCall, onlyKind } from '../kind-adapter.ts';
import type { ResourcesOptions } from '../options.ts';
import { holdersOf, killHolders, named } from '../processes/holders.ts';
import { endingUnit, programUnits } from '../programs/program-units.ts';
import type { Programs } from '../programs/programs.ts';
import { words } from '../programs/run-in-unit.ts';

type Call = KindCall<DrbdResource>;
type Outcome = Promise<Result<undefined, ResourceFailure>>;
type State = Result<DrbdState | undefined, ResourceFailure>;

/** The other node's death is noticed by DRBD a little later than by hamn: a promotion is asked for again. */
const againMs = 300;
const killShare = 0.5;

/** `drbdadm` and `drbdsetup` of drbd-utils 8.9 to 9, for the kernel's modules 8.4 and 9. */
export function drbdKind(options: ResourcesOptions, clock: ClockPort, programs: Programs): KindAdapter {
  const procFile = options.drbdState ?? '/proc/drbd';

  /** Undefined: it is not up. */
  const stateOf = async (call: Call): Promise<State> => {
    const text = await readFile(procFile, 'utf8').catch(() => undefined);
    if (text === undefined) return ok(undefined);
    const proc = parseProcDrbd(text);
    if (proc === undefined) return fail('failed', `${procFile} has a form that hamn does not know.`);
    if (!proc.version.startsWith('8.')) return askStatus(call);
    const minor = await minorOf(call.what.device);
    if (minor === undefined) return fail('unusable', `${call.what.device} is no device of DRBD.`);
    return ok(proc.devices.get(minor));
  };

  const askStatus = async (call: Call): Promise<State> => {
    const program = programs.find('drbdsetup');
    if (program === undefined) return noProgram('drbdsetup');
    const { resource } = call.what;
    const asked = await programs.child(call, 'monitor', [program, 'status', resource, '--json']);
    if (!asked.ok) return asked;
    const { code, output } = asked.value;
    // 10: there is no such resource in the kernel.
    if (code === 10) return ok(undefined);
    const state = code === 0 ? parseStatus(output.text, resource) : 'unreadable';
    if (state !== 'unreadable') return ok(state);
    return fail('failed', `drbdsetup status ended with exit code ${code}.${words(output)}`);
  };

  const drbdadm = async (call: Call, act: ResourceAct, verb: string, permit: Permit = always): Outcome => {
    const program = programs.find('drbdadm');
    if (program === undefined) return noProgram('drbdadm');
    const [own] = programUnits(options.group, call.settings);
    const rises = act === 'start' || act === 'promote';
    const unit = rises ? own : endingUnit(options.group, call.settings, act);
    const { resource } = call.what;
    const ran = await programs.system(call, { unit, act, command: [program, verb, resource] }, permit);
    if (!ran.ok) return ran;
    const { code, output } = ran.value;
    return code === 0
      ? done
      : fail('failed', `drbdadm ${verb} ${resource} ended with exit code ${code}.${words(output)}`);
  };

  const promote = async (call: Call, permit: Permit): Outcome => {
    for (;;) {
      const state = await stateOf(call);
      if (!state.ok) return state;
      if (state.value === undefined) return fail('failed', `${call.what.resource} is not up.`);
      if (state.value.role === 'Primary') return done;
      const promoted = await drbdadm(call, 'promote', 'primary', permit);
      if (promoted.ok || promoted.error.code !== 'failed') return promoted;
      if (call.signal.aborted || call.limit.leftMs() <= 2 * againMs) return promoted;
      await pause(clock, againMs);
    }
  };

  const demote = async (call: Call, act: 'demote' | 'stop' | 'kill'): Outcome => {
    const state = await stateOf(call);
    if (!state.ok) return state;
    if (state.value?.role !== 'Primary') return done;
    const demoted = await drbdadm(call, act, 'secondary');
    if (demoted.ok || demoted.error.code !== 'failed') return demoted;
    return fail('failed', `${demoted.error.message} ${await whoHolds(call.what, options)}`);
  };

  /** What it has stays as it is; DRBD takes the mark away when the copies are level again. */
  const outdate = async (call: Call): Outcome => {
    const state = await stateOf(call);
    if (!state.ok) return state;
    const isParted =
      state.value !== undefined && judgeDrbd(call.what.resource, state.value).copy === 'parted';
    return isParted ? drbdadm(call, 'outdate', 'outdate') : done;
  };

  const takeDown = async (call: Call, act: 'stop' | 'kill'): Outcome => {
    const state = await stateOf(call);
    if (!state.ok) return state;
    if (state.value === undefined) return done;
    const demoted = await demote(call, act);
    if (!demoted.ok) return demoted;
    const down = await drbdadm(call, act, 'down');
    if (!down.ok) return down;
    const after = await stateOf(call);
    if (!after.ok) return after;
    return after.value === undefined ? done : fail('failed', `${call.what.resource} is still up.`);
  };

  return onlyKind('drbd', {
    look: async (call) => {
      const state = await stateOf(call);
      if (!state.ok) return state;
      if (state.value === undefined) return ok({ level: 'stopped', sure: true, reason: undefined });
      return ok(judgeDrbd(call.what.resource, state.value));
    },
    start: async (call, permit) => {
      const state = await stateOf(call);
      if (!state.ok) return state;
      return state.value === undefined ? drbdadm(call, 'start', 'up', permit) : done;
    },
    promote,
    demote: (call) => demote(call, 'demote'),
    outdate,
    stop: (call) => takeDown(call, 'stop'),
    kill: async (call) => {
      const limit = deadlineIn(clock, call.limit.leftMs() * killShare);
      const left = await killHolders({ path: await plainDevice(call.what.device) }, clock, limit);
      const ended = await takeDown(call, 'kill');
      if (ended.ok || left.length === 0) return ended;
      return fail(ended.error.code, `${ended.error.message} Not even SIGKILL ended ${named(left)}.`);
    },
  });
}

const noProgram = (name: string): Result<never, 'unusable'> =>
  fail('unusable', `This node has no program ${name}. Install drbd-utils.`);

const plainDevice = (device: string): Promise<string> => realpath(device).catch(() => device);

/** By its usual name, else by its number: major and minor stand as the kernel's new_encode_dev puts them. */
async function minorOf(device: string): Promise<number | undefined> {
  const [, minor] = /^\/dev\/drbd(\d+)$/.exec(await plainDevice(device)) ?? [];
  if (minor !== undefined) return Number(minor);
  try {
    const { rdev } = statSync(device);
    return (rdev & 0xff) | ((rdev >>> 12) & 0xfff00);
  } catch {
    return undefined;
  }
}

async function whoHolds({ device }: DrbdResource, { mountTable }: ResourcesOptions): Promise<string> {
  const path = await plainDevice(device);
  const holders = await holdersOf({ path });
  const mounted = parseMounts(readFileSync(mountTable ?? '/proc/1/mountinfo', 'utf8'))
    .filter(({ source }) => source === path || source === device)
    .map(({ target }) => target);
  if (mounted.length > 0) return `It is mounted on ${mounted.join(', ')}.`;
  if (holders.length > 0) return `It is held by ${named(holders)}.`;
  return 'No process holds it: look for swap, LVM and loop devices on it.';
}
