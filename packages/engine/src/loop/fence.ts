import {
  type FenceBasis,
  type FencingSettings,
  type FencingValue,
  fail,
  fencedNode,
  fenceLimitMs,
  fencingKey,
  modOf,
  type NodeId,
  ok,
  type Result,
  type Revision,
  revision,
} from '@hamn/core';
import type { FencingFailure } from '../ports/fencing.ts';
import type { ActionContext } from './actions.ts';
import type { ActionResult } from './executor.ts';

/** `refused`: the term changed, or gave a sign, before anything was fired. `unknown`: etcd's answer did not come. */
export type FenceFailure = FencingFailure | 'refused' | 'unknown';

export interface FenceWish {
  readonly target: NodeId;
  /** The term that was read before this is begun. A `heartbeat` of undefined: an admin wants it, whether the node lives or not. */
  readonly basis: Omit<FenceBasis, 'heartbeat'> & { readonly heartbeat: Revision | undefined };
  readonly action: 'off' | 'reboot';
  readonly reason: string;
}

export type FenceContext = Pick<ActionContext, 'driver' | 'ports' | 'settings'>;

/** The action of the rule `fence-primary`. */
export async function fencePrimary(
  wish: Omit<FenceWish, 'action'>,
  context: FenceContext,
): Promise<ActionResult> {
  const action = fencedNode(context.settings.fencing, wish.target)?.action ?? 'off';
  const fenced = await fence({ ...wish, action }, context);
  return fenced.ok ? ok({ code: 'fenced', data: {} }) : fenced;
}

/**
 * Written down, then fired, then written down again. The first write compares the leader key, so whatever is confirmed happened to the holder of
 * the term that was read before; a candidate takes by that confirmation only.
 */
export async function fence(wish: FenceWish, context: FenceContext): Promise<Result<string, FenceFailure>> {
  const { fencing } = context.settings;
  if (fencing === undefined || fencedNode(fencing, wish.target) === undefined)
    return fail('not-configured', `No fencing device is configured for ${wish.target}.`);
  const begun = await begin(wish, context);
  if (!begun.ok) return begun;
  const limitMs = fenceLimitMs(fencing, wish.target);
  const order = { target: wish.target, fencing, stillWanted: () => stillSilent(wish, context) };
  const off = await context.ports.fencing.off(order, limitMs);
  const stage = off.ok ? 'confirmed' : 'failed';
  const written = await record(wish, context, begun.value, stage, off.ok ? off.value : off.error.message);
  if (!off.ok) return off;
  if (wish.action === 'reboot') switchOn(wish.target, fencing, context);
  return written.ok ? off : written;
}

/** The view of this instant: a sign of life between the reading and the firing calls it off. */
function stillSilent({ basis }: FenceWish, { driver }: FenceContext): boolean {
  const group = driver.view().group;
  if (group === undefined || modOf(group.leader) !== basis.leader) return false;
  return basis.heartbeat === undefined || modOf(group.heartbeat) === basis.heartbeat;
}

const fencingValue = (
  wish: FenceWish,
  { driver, ports }: FenceContext,
  stage: FencingValue['stage'],
  message: string,
): FencingValue => ({
  target: wish.target,
  token: Number(wish.basis.leader),
  leaderNonce: wish.basis.leaderNonce,
  stage,
  by: driver.me,
  message,
  atWallMs: ports.clock.wallMs(),
});

async function begin(
  wish: FenceWish,
  context: FenceContext,
): Promise<Result<Revision, 'refused' | 'unknown'>> {
  const { store } = context.ports;
  const { leader, heartbeat } = wish.basis;
  const key = fencingKey(wish.target);
  const known = context.driver.view().group?.fencing.get(wish.target);
  const sign = heartbeat === undefined ? [] : [{ key: 'heartbeat', mod: heartbeat } as const];
  const compares = [
    { key: 'leader', mod: leader } as const,
    { key, mod: known === undefined ? revision(0) : modOf(known) },
    ...sign,
  ];
  const value = JSON.stringify(fencingValue(wish, context, 'begun', wish.reason));
  const txn = { compares, ops: [{ put: key, value } as const] };
  const outcome = await store.transact(txn, context.settings.timings.requestMs);
  if (outcome.kind === 'committed') return ok(outcome.revision);
  if (outcome.kind === 'refused')
    return fail('refused', `${wish.target} is not fenced: the term changed, or gave a sign, meanwhile.`);
  return fail('unknown', `${wish.target} is not fenced: etcd did not answer (${outcome.reason}).`);
}

const recordTries = 5;

/** A confirmation that cannot be written helps nobody; it is tried again for a while. */
async function record(
  wish: FenceWish,
  context: FenceContext,
  from: Revision,
  stage: 'confirmed' | 'failed',
  message: string,
): Promise<Result<undefined, 'refused' | 'unknown'>> {
  const { store } = context.ports;
  const key = fencingKey(wish.target);
  const value = JSON.stringify(fencingValue(wish, context, stage, message));
  const txn = { compares: [{ key, mod: from } as const], ops: [{ put: key, value } as const] };
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await store.transact(txn, context.settings.timings.requestMs);
    if (outcome.kind === 'committed') return ok(undefined);
    // An earlier attempt may have been committed without its answer: the watch shows it.
    if (outcome.kind === 'refused')
      return attempt > 1 ? ok(undefined) : fail('refused', `${key} was written by somebody else meanwhile.`);
    if (attempt === recordTries)
      return fail(
        'unknown',
        `${wish.target} was fenced, but etcd did not take the record: ${outcome.reason}`,
      );
  }
}

/** Beside everything: nobody waits for a node to come back. */
function switchOn(target: NodeId, fencing: FencingSettings, { ports }: FenceContext): void {
  const tell = (level: 'info' | 'warn', message: string): void =>
    ports.journal.write({ event: level === 'info' ? 'fence.on' : 'fence.on-failed', level, message });
  ports.fencing.on({ target, fencing }, fenceLimitMs(fencing, target)).then(
    (on) =>
      on.ok
        ? tell('info', `${target} was switched on again: ${on.value}`)
        : tell('warn', `${target} was not switched on again: ${on.error.message}`),
    (error: unknown) => tell('warn', `${target} was not switched on again: ${String(error)}`),
  );
}
