import {
  after,
  type FencingSettings,
  fail,
  fencedNode,
  type Instant,
  type NodeId,
  ok,
  type Result,
} from '@hamn/core';
import type { ClockPort, FenceOrder, FencingFailure, FencingPort, JournalPort } from '@hamn/engine';
import { withLimit } from '@hamn/engine';
import { AgentCatalog } from './agent/agent-catalog.ts';
import { agentDirectories } from './agent/find-agent.ts';
import { DeviceQueue } from './device/device-queue.ts';
import { DeviceUser, nameOf, type Outlet } from './device/device-user.ts';
import { lookAtAll } from './look-at-all.ts';
import { levelsOf } from './outlets.ts';
import { type OffFailure, switchLevelOff } from './switch-off.ts';

export interface FencingOptions {
  /** Where the agents are, in this order. Default: where distributions put them. */
  readonly directories?: readonly string[] | undefined;
}

export interface FencingDeps {
  readonly clock: ClockPort;
  readonly journal: JournalPort;
}

/** The devices that switch other nodes off, through the fence agents that are installed on this node. */
export function createFencing(
  { directories = agentDirectories }: FencingOptions,
  { clock, journal }: FencingDeps,
): FencingPort {
  const users = new DeviceUser(new AgentCatalog(directories, clock), new DeviceQueue(), clock);
  return new Fencing(users, clock, journal);
}

/** What the last order did to a node: what is to be switched on again, and by which order it may be. */
interface Shot {
  readonly outlets: Set<Outlet>;
  /** The level that was verified; undefined while none is. */
  level: readonly Outlet[] | undefined;
}

class Fencing implements FencingPort {
  readonly #users: DeviceUser;
  readonly #clock: ClockPort;
  readonly #journal: JournalPort;
  readonly #shots = new Map<NodeId, Shot>();

  constructor(users: DeviceUser, clock: ClockPort, journal: JournalPort) {
    this.#users = users;
    this.#clock = clock;
    this.#journal = journal;
  }

  async off(order: FenceOrder, limitMs: number): Promise<Result<string, FencingFailure>> {
    const { target } = order;
    if (fencedNode(order.fencing, target) === undefined) return notConfigured(target);
    const begun = this.#clock.now();
    const what = `The fence of ${target}`;
    const off = await withLimit(this.#clock, limitMs, what, () => this.#off(order, after(begun, limitMs)));
    this.#tell(target, off, this.#clock.now() - begun);
    if (off.ok) return off;
    const { code, message } = off.error;
    return fail(code === 'threw' ? 'failed' : code, message);
  }

  /** Level by level, until one is verified to be off. */
  async #off(order: FenceOrder, deadline: Instant): Promise<Result<string, OffFailure>> {
    const { target, fencing, stillWanted } = order;
    // From here on an earlier order switches nothing on any more.
    const shot: Shot = { outlets: new Set(), level: undefined };
    this.#shots.set(target, shot);
    const delayMs = fencedNode(fencing, target)?.delayMs ?? 0;
    if (delayMs > 0) await new Promise<void>((resolve) => this.#clock.after(delayMs, resolve));
    const options = {
      users: this.#users,
      clock: this.#clock,
      deadline,
      wanted: stillWanted,
      fired: (outlet: Outlet) => this.#fired(shot, outlet),
    };
    const messages: string[] = [];
    let code: OffFailure = 'failed';
    for (const level of levelsOf(fencing, target)) {
      const off = await switchLevelOff(level, options);
      if (off.ok) {
        shot.level = level;
        return off;
      }
      if (off.error.code === 'unwanted') return off;
      messages.push(off.error.message);
      // What timed out may happen yet, whatever the levels after it said.
      if (off.error.code === 'timeout') code = 'timeout';
    }
    return fail(code, messages.join(' '));
  }

  #fired(shot: Shot, outlet: Outlet): void {
    shot.outlets.add(outlet);
    this.#journal.write({
      event: 'fence.fire',
      level: 'warn',
      message: `${nameOf(outlet)} is told to switch ${outlet.target} off (${outlet.device.agent}).`,
      fields: { target: outlet.target, device: outlet.device.name },
    });
  }

  #tell(target: NodeId, off: Result<string, FencingFailure | 'threw'>, ms: number): void {
    const fields = { target, outcome: off.ok ? 'confirmed' : off.error.code, ms: Math.round(ms) };
    const message = off.ok
      ? `${target} is off: ${off.value}`
      : `${target} is not confirmed to be off: ${off.error.message}`;
    this.#journal.write({ event: 'fence.end', level: off.ok ? 'warn' : 'error', message, fields });
  }

  async on(
    { target, fencing }: Omit<FenceOrder, 'stillWanted'>,
    limitMs: number,
  ): Promise<Result<string, FencingFailure>> {
    if (fencedNode(fencing, target) === undefined) return notConfigured(target);
    const shot = this.#shots.get(target);
    const level = shot?.level ?? levelsOf(fencing, target)[0] ?? [];
    const deadline = after(this.#clock.now(), limitMs);
    const outlets = [...new Set([...level, ...(shot?.outlets ?? [])])];
    // A later order wants it off: this one is over.
    const wanted = (): boolean => this.#shots.get(target) === shot;
    const tried = await Promise.all(
      outlets.map(async (outlet) => ({ outlet, on: await this.#on(outlet, deadline, wanted) })),
    );
    // Of the devices of other levels it is enough that they were told.
    const failed = tried.flatMap(({ outlet, on }) => (on.ok || !level.includes(outlet) ? [] : [on.error]));
    const [first] = failed;
    if (first !== undefined) return fail(first.code, failed.map(({ message }) => message).join(' '));
    return ok(`${level.map(nameOf).join(' and ')} switched it on.`);
  }

  async #on(
    outlet: Outlet,
    deadline: Instant,
    wanted: () => boolean,
  ): Promise<Result<undefined, OffFailure>> {
    for (let run = 0; ; run += 1) {
      const on = await this.#users.act(outlet, 'on', { purpose: 'act', deadline }, wanted);
      if (on.ok) return on;
      const { code, message } = on.error;
      if (code === 'unwanted' || run >= outlet.device.retries || this.#clock.now() >= deadline)
        return fail(code === 'unwanted' || code === 'timeout' ? code : 'failed', message);
    }
  }

  status(fencing: FencingSettings, limitMs: number): ReturnType<FencingPort['status']> {
    return lookAtAll(fencing, after(this.#clock.now(), limitMs), this.#users);
  }
}

const notConfigured = (target: NodeId): Result<never, 'not-configured'> =>
  fail('not-configured', `No fencing device is configured for ${target}.`);
