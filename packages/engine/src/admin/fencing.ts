import {
  type FencingValue,
  fail,
  fencingKey,
  type GroupView,
  modOf,
  type NodeId,
  ok,
  presentValue,
  type Result,
  revision,
  type TermView,
} from '@hamn/core';
import { type FenceContext, type FenceFailure, fence } from '../loop/fence.ts';
import { type WriteFailure, writeKey } from './write-key.ts';

/** An admin's hand on another node's power. */
export class AdminFencing {
  readonly #context: () => FenceContext;

  constructor(context: () => FenceContext) {
    this.#context = context;
  }

  /** Switches a node off through its devices (and on again), whether it gives signs of life or not. May take minutes. */
  async off(target: NodeId, action: 'off' | 'reboot', by: string): Promise<Result<string, FenceFailure>> {
    const context = this.#context();
    const group = context.driver.view().group;
    if (target === context.driver.me)
      return fail('refused', 'A node does not fence itself; ask on another node.');
    if (group?.leader.kind !== 'present')
      return fail('refused', 'The group has not been read, or has no term, so a fence cannot be recorded.');
    const { value, mod } = group.leader;
    const basis = { leader: mod, leaderNonce: value.nonce, heartbeat: undefined };
    return fence({ target, basis, action, reason: `${by} asked for it.` }, context);
  }

  /**
   * Writes down that an admin knows the holder of the term to be off. Bound to the term that was read; refused while the node gives signs of
   * life, because a confirmation that is not true makes two primaries of one.
   */
  async confirmOff(target: NodeId, by: string): Promise<Result<string, WriteFailure>> {
    const { driver, ports } = this.#context();
    const term = driver.view();
    const { group } = term;
    const against = againstConfirmation(target, driver.me, term);
    if (against !== undefined) return fail('refused', against);
    if (group?.leader.kind !== 'present') return fail('refused', 'The group has no term.');
    const entry = group.fencing.get(target);
    const value: FencingValue = {
      target,
      token: Number(group.leader.mod),
      leaderNonce: group.leader.value.nonce,
      stage: 'confirmed',
      by: driver.me,
      byHand: by,
      message: `${by} confirmed by hand that it is off.`,
      atWallMs: ports.clock.wallMs(),
    };
    const written = await writeKey(ports.store, fencingKey(target), value, [
      { key: 'leader', mod: group.leader.mod },
      { key: fencingKey(target), mod: entry === undefined ? revision(0) : modOf(entry) },
    ]);
    if (!written.ok) return written;
    ports.journal.write({ event: 'fence.by-hand', level: 'warn', message: `${target}: ${value.message}` });
    return ok(`${target} is recorded as off. An eligible candidate takes over at once.`);
  }
}

function againstConfirmation(target: NodeId, me: NodeId, term: TermView): string | undefined {
  const { group, seen } = term;
  if (target === me) return 'This node runs: it cannot be off.';
  const leader = group === undefined ? undefined : presentValue(group.leader);
  if (group === undefined || leader === undefined || seen === undefined)
    return 'The group has not been read yet, or has no term; try again, or see `hamnctl doctor`.';
  if (leader.kind !== 'held' || leader.holder !== target)
    return `${target} does not hold the term, so nobody waits for this confirmation.`;
  if (seen.silentMs < leader.termMs || isHeardOf(group, target))
    return `${target} was heard of in the last seconds: it is not off. Switch it off first, and wait some seconds.`;
  return undefined;
}

/** Its member key is on a lease that ends some seconds after its last sign. */
const isHeardOf = (group: GroupView, target: NodeId): boolean => group.members.has(target);
