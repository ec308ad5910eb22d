import {
  claimOf,
  claimText,
  fail,
  formatLsn,
  type GroupSettings,
  type Intention,
  ok,
  presentValue,
  type RequestValue,
  type UpstreamNode,
  type WalLine,
} from '@hamn/core';
import type { Ports } from '../ports/all.ts';
import type { Permit } from '../ports/permit.ts';
import type { Upstream } from '../ports/postgres.ts';
import { type TermDriver, vipLifetimeSeconds } from '../term/term-driver.ts';
import { type Action, type ActionResult, plain } from './executor.ts';
import { fencePrimary } from './fence.ts';
import { finishRequest } from './requests.ts';
import { maintenanceOver, scheduleAction } from './verbs.ts';

/** A rewind or a clone may take hours; the limit is there so that nothing waits for ever. */
const longMs = 12 * 3_600_000;
const detachMs = 5000;
const probeBudgetMs = 60;
const vipLimitMs = 1000;
const unitOwnMs = 10_000;

export interface ActionContext {
  readonly settings: GroupSettings;
  readonly driver: TermDriver;
  readonly ports: Ports;
  readonly request: RequestValue | undefined;
}

const upstreamOf = (context: ActionContext, upstream: UpstreamNode | undefined): Upstream | undefined =>
  upstream === undefined || context.settings.postgres === undefined
    ? undefined
    : { node: upstream.node, address: upstream.address, port: context.settings.postgres.port };

/** Asked again by the adapter at the act itself. */
const permitOf =
  ({ token }: { readonly token: number }, { driver }: ActionContext): Permit =>
  () =>
    driver.mayAct(token);

const noPostgres = async (): Promise<ActionResult> => fail('no-postgres', 'This group has no PostgreSQL.');

/** How one intention is carried out. The actions of the term itself are events of the protocol and do not come here. */
export function actionFor(intention: Intention, context: ActionContext): Action | undefined {
  switch (intention.kind) {
    case 'demote':
      return async () => {
        const act = await context.driver.demote(intention.reason);
        return act.verified
          ? ok({ code: 'harmless', data: {} })
          : fail('not-verified', 'The node could not be verified as harmless.');
      };
    case 'release':
      return () => release(intention, context);
    case 'schedule.begin':
    case 'schedule.end':
      return () => scheduleAction(intention, context);
    case 'maintenance.end':
      return () => maintenanceOver(intention, context);
    case 'request.finish':
      return () => finishRequest(intention, context);
    case 'vip.probe':
    case 'vip.add':
    case 'vip.announce':
    case 'vip.remove':
      return vipAction(intention, context);
    case 'unit.own':
      return () => plain('owned', context.ports.units.own(intention.unit, unitOwnMs));
    case 'fence':
      return () => fencePrimary(intention, context);
    case 'crontab.clean': {
      const { crontab } = context.ports;
      return crontab === undefined ? undefined : () => plain('cleaned', crontab.clean());
    }
    case 'etcd.move-leader':
      return () => plain('moved', context.ports.store.moveLeader(intention.memberId, 2000));
    case 'take':
    case 'write-state':
    case 'invite':
    case 'resource.act':
      return undefined;
    default:
      return postgresAction(intention, context);
  }
}

/** Harmless first, verified; then the key is given away, if the term is still held. */
async function release(
  intention: Extract<Intention, { kind: 'release' }>,
  context: ActionContext,
): Promise<ActionResult> {
  const harmless = await context.driver.demoteByGuard(`hand-over to ${intention.to}`);
  if (!harmless)
    return fail(
      'not-verified',
      'hamn-guard did not verify that this node is harmless; the term is not released.',
    );
  if (!context.driver.mayAct(intention.token))
    return fail('over', 'The term ended before it could be released.');
  context.driver.feed({ kind: 'release', now: context.ports.clock.now(), to: intention.to });
  return ok({ code: 'released', data: {} });
}

type VipIntention = Extract<Intention, { kind: 'vip.probe' | 'vip.add' | 'vip.announce' | 'vip.remove' }>;

function vipAction(intention: VipIntention, context: ActionContext): Action {
  const { vip } = context.ports;
  switch (intention.kind) {
    case 'vip.probe':
      return async () => {
        const probe = await vip.probe(intention.vip, probeBudgetMs);
        if (!probe.ok) return probe;
        return ok(
          probe.value === undefined
            ? { code: 'free', data: {} }
            : { code: 'duplicate', data: { mac: probe.value } },
        );
      };
    case 'vip.add':
      return async () => {
        const added = await vip.add(
          intention.vip,
          vipLifetimeSeconds(context.settings),
          vipLimitMs,
          permitOf(intention, context),
        );
        if (!added.ok) return added;
        if (!context.driver.mayAct(intention.token)) return ok({ code: 'added', data: {} });
        return plain('announced', vip.announce(intention.vip));
      };
    case 'vip.announce':
      return () => plain('announced', vip.announce(intention.vip));
    case 'vip.remove':
      return () => plain('removed', vip.remove(intention.vip, vipLimitMs));
  }
}

type PostgresIntention = Extract<Intention, { kind: `postgres.${string}` }>;

function postgresAction(intention: PostgresIntention, context: ActionContext): Action {
  const { postgres } = context.ports;
  const limits = context.settings.postgres;
  if (postgres === undefined || limits === undefined) return noPostgres;
  switch (intention.kind) {
    case 'postgres.start-standby':
      return () =>
        plain(
          'started',
          postgres.startStandby(upstreamOf(context, intention.upstream), limits.startTimeoutMs),
        );
    case 'postgres.start-primary':
      return () =>
        plain('started', postgres.startPrimary(limits.startTimeoutMs, permitOf(intention, context)));
    case 'postgres.promote':
      return () => promote(intention, context);
    case 'postgres.follow':
      return () => plain('followed', postgres.follow(upstreamOf(context, intention.upstream), 10_000));
    case 'postgres.detach':
      return async () => {
        const end = await postgres.detach(detachMs);
        if (!end.ok) return end;
        return ok({ code: 'detached', data: { lsn: formatLsn(end.value) } });
      };
    case 'postgres.stop':
      return async () => {
        const stopped = await postgres.stop(
          intention.mode,
          Math.min(intention.timeoutMs ?? limits.stopTimeoutMs, limits.stopTimeoutMs),
        );
        if (!stopped.ok) return stopped;
        const data = stopped.value === undefined ? {} : { lsn: formatLsn(stopped.value) };
        return ok({ code: 'stopped', data });
      };
    case 'postgres.rewind':
      return () =>
        copy('rewound', intention.upstream, context, (upstream) =>
          postgres.rewind(upstream, longMs, limits.keepDivergedMs),
        );
    case 'postgres.clone':
      return () =>
        copy('cloned', intention.upstream, context, (upstream) =>
          postgres.clone(upstream, longMs, limits.keepDivergedMs, upstreamOf(context, intention.source)),
        );
    case 'postgres.synchronous':
      return async () => {
        const claim = claimOf(intention.names, intention.quorum);
        const set = await postgres.setSynchronous(claim, 5000);
        return set.ok ? ok({ code: 'set', data: { names: claimText(claim) } }) : set;
      };
    case 'postgres.mark':
      return async () => {
        const at = await postgres.currentLsn(1000);
        return at.ok ? ok({ code: 'marked', data: { lsn: formatLsn(at.value) } }) : at;
      };
    case 'postgres.checkpoint':
      return () => plain('checkpointed', postgres.checkpoint(60_000));
    case 'postgres.settings':
      return () => plain('applied', postgres.applySettings(10_000));
    case 'postgres.slots':
    case 'postgres.standby-slots':
      return () => plain('changed', postgres.changeSlots(intention.changes, 10_000));
  }
}

async function promote(
  intention: Extract<Intention, { kind: 'postgres.promote' }>,
  context: ActionContext,
): Promise<ActionResult> {
  const { postgres, local } = context.ports;
  const limits = context.settings.postgres;
  if (postgres === undefined || limits === undefined) return noPostgres();
  const recorded = await local.recordPromotion(intention.token, intention.fromTimeline);
  if (!recorded.ok) return recorded;
  const promoted = await postgres.promote(limits.promoteTimeoutMs, permitOf(intention, context));
  if (!promoted.ok) return promoted;
  return ok({
    code: 'promoted',
    data: { timeline: promoted.value.timeline, switchLsn: formatLsn(promoted.value.switchLsn) },
  });
}

async function copy(
  code: string,
  from: UpstreamNode,
  context: ActionContext,
  run: (upstream: Upstream) => ReturnType<NonNullable<Ports['postgres']>['clone']>,
): Promise<ActionResult> {
  const upstream = upstreamOf(context, from);
  if (upstream === undefined) return noPostgres();
  const before = lineOfHolder(context);
  const result = await run(upstream);
  if (result.ok && result.value !== undefined) {
    const { lost, message } = result.value;
    context.ports.journal.write({ event: 'postgres.diverged', level: lost ? 'warn' : 'info', message });
  }
  const copied: ActionResult = result.ok ? ok({ code, data: {} }) : result;
  const after = lineOfHolder(context);
  // Of a copy that was made while the role moved it is not known whose it is.
  if (copied.ok && before !== undefined && before.token === after?.token) {
    const recorded = await context.ports.local.recordLine(before);
    if (!recorded.ok) return recorded;
  }
  return copied;
}

/** The timeline that the holder has recorded under its term. */
function lineOfHolder({ driver }: ActionContext): WalLine | undefined {
  const { group } = driver.view();
  if (group?.leader.kind !== 'present') return undefined;
  const last = presentValue(group.state)?.promotions.at(-1);
  return last?.token === Number(group.leader.mod)
    ? { token: last.token, timeline: last.timeline }
    : undefined;
}
