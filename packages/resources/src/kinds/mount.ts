import { readFileSync } from 'node:fs';
import {
  done,
  fail,
  isSharable,
  type MountResource,
  ok,
  type ResourceAct,
  type ResourceLook,
  type Result,
} from '@hamn/core';
import { always, deadlineIn, type Permit, type ResourceFailure } from '@hamn/engine';
import { type Mount, mountAt, mountsBelow, parseMounts, plainPath } from '@hamn/linux';
import { type KindAdapter, type KindCall, onlyKind } from '../kind-adapter.ts';
import { MountProbes } from '../mounts/probe.ts';
import { isSameSource } from '../mounts/same-source.ts';
import type { ResourcesDeps, ResourcesOptions } from '../options.ts';
import { type Held, holdersOf, killHolders, named } from '../processes/holders.ts';
import { endUnits } from '../programs/end-units.ts';
import { endingUnit, programUnits } from '../programs/program-units.ts';
import { launched, type Programs } from '../programs/programs.ts';
import { type RunEnd, words } from '../programs/run-in-unit.ts';

type Call = KindCall<MountResource>;
type Outcome = Promise<Result<undefined, ResourceFailure>>;

/** What is at the target: our file system, another one, or none. */
type There =
  | { readonly kind: 'ours'; readonly mount: Mount }
  | { readonly kind: 'other'; readonly mount: Mount }
  | { readonly kind: 'nothing' };

const lacksStat = 'This node has no program stat. Install coreutils.';
/** More file systems of ours over each other than this are not taken away in one stop. */
const mostLayers = 4;
/** Of a kill's limit: for the holders, then for each way of unmounting. */
const killShare = 0.4;

export function mountKind(options: ResourcesOptions, deps: ResourcesDeps, programs: Programs): KindAdapter {
  const table = options.mountTable ?? '/proc/1/mountinfo';
  const probes = new MountProbes(deps.clock);
  const mounts = (): readonly Mount[] => parseMounts(readFileSync(table, 'utf8'));

  const there = async ({ what }: Call): Promise<There> => {
    const mount = mountAt(mounts(), plainPath(what.target));
    if (mount === undefined) return { kind: 'nothing' };
    return { kind: (await isSameSource(what, mount)) ? 'ours' : 'other', mount };
  };

  const system = async (
    call: Call,
    act: ResourceAct,
    program: string,
    argv: readonly string[],
    permit: Permit = always,
  ): Promise<Result<RunEnd, ResourceFailure>> => {
    const path = programs.find(program);
    if (path === undefined) return fail('unusable', `This node has no program ${program}. Install it.`);
    const [own] = programUnits(options.group, call.settings);
    const unit = act === 'start' ? own : endingUnit(options.group, call.settings, act);
    const remains = act === 'start' && hasDaemon(call.what);
    return programs.system(call, { unit, act, command: [path, ...argv], remains }, permit);
  };

  const look = async (call: Call): Promise<Result<ResourceLook, ResourceFailure>> => {
    const { what, limit, settings } = call;
    const now = await there(call);
    if (now.kind === 'nothing') return ok({ level: 'stopped', sure: true, reason: undefined });
    if (now.kind === 'other')
      return ok({ level: 'stopped', sure: true, reason: othersThere(what, now.mount) });
    const isReadOnly = [...now.mount.options, ...now.mount.superOptions].includes('ro');
    if (isReadOnly && !what.options.includes('ro')) {
      const reason = `${what.target} can only be read: the kernel does that after errors of the disk. See dmesg.`;
      return ok({ level: 'failed', sure: true, reason });
    }
    if (settings.monitor.depth === 'shallow') return ok({ level: 'running', sure: true, reason: undefined });
    const stat = programs.find('stat');
    if (stat === undefined) return fail('unusable', lacksStat);
    const command = launched(options.launcher, [stat, '-f', '--', what.target]);
    const asked = await probes.ask(what.target, command, limit.leftMs(), call.signal);
    if (asked.ok) return ok({ level: 'running', sure: false, reason: undefined });
    if (asked.error.code !== 'failed') return asked;
    return ok({ level: 'failed', sure: false, reason: asked.error.message });
  };

  /** In another process: the directory may lie on a share whose server is silent. */
  const usableTarget = async ({ what, limit, signal }: Call): Outcome => {
    const path = plainPath(what.target);
    const stat = programs.find('stat');
    if (stat === undefined) return fail('unusable', lacksStat);
    const command = launched(options.launcher, [stat, '-c', '%F', '--', path]);
    const asked = await probes.ask(path, command, limit.leftMs(), signal);
    if (!asked.ok && asked.error.code !== 'failed') return asked;
    const type = asked.ok ? asked.value.trim() : 'nothing';
    if (type === 'directory') return done;
    if (type === 'symbolic link')
      return fail(
        'unusable',
        `${path} is a symbolic link. Name the directory that it leads to as the target.`,
      );
    if (type !== 'nothing')
      return fail('unusable', `${path} is no directory, so nothing can be mounted on it.`);
    return fail('unusable', `The directory ${path} is not there. Create it: mkdir -p ${path}.`);
  };

  const start = async (call: Call, permit: Permit): Outcome => {
    const { what } = call;
    const now = await there(call);
    if (now.kind === 'ours') return done;
    if (now.kind === 'other') return fail('failed', `${othersThere(what, now.mount)} Unmount it.`);
    const target = await usableTarget(call);
    if (!target.ok) return target;
    const given = what.options.length === 0 ? [] : ['-o', what.options.join(',')];
    const type = what.type === 'bind' ? ['--bind'] : ['-t', what.type];
    const mounted = await system(
      call,
      'start',
      'mount',
      [...type, ...given, '--', what.source, what.target],
      permit,
    );
    if (!mounted.ok) return mounted;
    const { code, output } = mounted.value;
    if (code === 0 && (await there(call)).kind === 'ours') return done;
    return fail(
      'failed',
      `${what.source} could not be mounted on ${what.target}: mount ended with exit code ${code}.${words(output)}`,
    );
  };

  /** Once; ok when nothing of ours is there any more. */
  const unmount = async (call: Call, act: 'stop' | 'kill', flags: readonly string[]): Outcome => {
    const { target } = call.what;
    // -c: it must not ask a file system that hangs for the real path.
    const ran = await system(call, act, 'umount', ['-c', ...flags, '--', plainPath(target)]);
    if ((await there(call)).kind !== 'ours') return gone(call);
    if (!ran.ok) return ran;
    return fail(
      'failed',
      `${target} could not be unmounted: exit code ${ran.value.code}.${words(ran.value.output)}`,
    );
  };

  /** The daemon of a file system ends with it. */
  const gone = async ({ what, settings, limit }: Call): Outcome =>
    hasDaemon(what) ? endUnits(deps, [programUnits(options.group, settings)[0]], limit) : done;

  const stop = async (call: Call): Outcome => {
    for (let layer = 0; layer < mostLayers; layer += 1) {
      const now = await there(call);
      if (now.kind !== 'ours') return done;
      const unmounted = await unmount(call, 'stop', []);
      if (unmounted.ok) continue;
      const { code, message } = unmounted.error;
      return code === 'failed' ? fail(code, `${message} ${await whoHolds(now.mount)}`) : unmounted;
    }
    return fail('failed', `${call.what.target} is mounted more than ${mostLayers} times. Unmount it.`);
  };

  const whoHolds = async (mount: Mount): Promise<string> => {
    const holders = await holdersOf(heldBy(mount));
    const below = mountsBelow(mounts(), mount.target).map(({ target }) => target);
    if (holders.length > 0) return `It is held by ${named(holders)}.`;
    if (below.length > 0) return `These are mounted below it: ${below.join(', ')}.`;
    return 'No process holds it: look for swap, loop devices (losetup), and what the NFS server exports (exportfs).';
  };

  const kill = async (call: Call): Outcome => {
    const now = await there(call);
    if (now.kind !== 'ours') return done;
    const { limit, what } = call;
    const left = await killHolders(
      heldBy(now.mount),
      deps.clock,
      deadlineIn(deps.clock, limit.leftMs() * killShare),
    );
    const isShared = isSharable(what.type);
    // Force ends what waits for a file server; lazy takes it out of sight. A disk that is still written to must not be called unmounted.
    const ways = isShared ? [[], ['-f'], ['-l']] : [[]];
    let last: Result<undefined, ResourceFailure> = done;
    for (const [at, flags] of ways.entries()) {
      const share = deadlineIn(deps.clock, limit.leftMs() / (ways.length - at));
      last = await unmount({ ...call, limit: share }, 'kill', flags);
      if (last.ok) return done;
    }
    const who = left.length > 0 ? `Not even SIGKILL ended ${named(left)}.` : await whoHolds(now.mount);
    return last.ok ? done : fail(last.error.code, `${last.error.message} ${who}`);
  };

  return onlyKind('mount', { look, start, stop, kill });
}

/** Its program serves it for as long as it is mounted, and must stay in its unit. */
const hasDaemon = ({ type }: MountResource): boolean => type.startsWith('fuse') || type === 'glusterfs';

const heldBy = ({ target, device }: Mount): Held => ({ path: target, device });

const othersThere = ({ source, target }: MountResource, mount: Mount): string =>
  `${mount.source} (${mount.type}) is mounted on ${target}, and not ${source}.`;
