import { isServing, lagBytes, type MemberValue, type Observation, parseLsn, presentValue } from '@hamn/core';
import type { EngineSnapshot } from '@hamn/engine';
import { collectServer, collectStatistics, type SetGauge } from './collect-postgres.ts';
import { collectServiceNodes } from './collect-service-nodes.ts';

const flag = (value: boolean): number => (value ? 1 : 0);

/** The gauges of one tick. `remainingMs` is asked at this instant, because the snapshot may be a tick old. */
export function collect(snapshot: EngineSnapshot, set: SetGauge): void {
  const { seen, member } = snapshot;
  set('hamn_healthy', flag(member.healthy));
  set('hamn_problems', member.problems.length);
  for (const role of ['primary', 'standby', 'witness', 'starting'])
    set('hamn_role', flag(member.role === role), role);
  set('hamn_candidate_eligible', flag(member.candidacy?.eligible === true));
  set('hamn_failover_waiting', flag(member.waitsForAdmin === true));
  set('hamn_guard_up', flag(seen.ports.guard.known));
  const watchdog = seen.ports.guard.known ? seen.ports.guard.value.watchdog : undefined;
  for (const state of ['off', 'active', 'missing'])
    if (watchdog !== undefined) set('hamn_watchdog', flag(watchdog.state === state), state);
  const devices = seen.ports.fenceDevices;
  for (const { device, node, power } of devices.known ? devices.value : [])
    set('hamn_fence_device_up', flag(power !== 'unknown'), device, node);
  collectGroup(seen, set);
  collectTerm(seen, set);
  collectPostgres(seen, member, set);
  collectServiceNodes(seen, set);
  if (seen.ports.vips.known)
    for (const vip of seen.ports.vips.value) set('hamn_vip_present', flag(vip.present), vip.address);
  for (const { name, kind = 'unit', state, failures = 0 } of member.services ?? []) {
    set('hamn_resource_running', flag(isServing(state)), name, kind);
    set('hamn_resource_failed', flag(state === 'failed'), name, kind);
    set('hamn_resource_failures', failures, name, kind);
  }
}

function collectGroup(seen: Observation, set: SetGauge): void {
  const group = seen.term.group;
  if (group === undefined) return;
  set('hamn_paused', flag(group.pause.kind !== 'absent'));
  if (group.leader.kind !== 'absent') set('hamn_fencing_token', group.leader.mod);
  const state = presentValue(group.state);
  if (state === undefined) return;
  set('hamn_electorate_members', state.electorate.length);
  set('hamn_synchronous_members', state.synchronous.length);
  set('hamn_degraded', flag(isDegraded(seen, state.synchronous)));
}

/** Mode `strict` leaves the record as it is when the last standby goes; only the primary sees then that nobody streams. */
function isDegraded({ settings, ports, me }: Observation, synchronous: readonly string[]): boolean {
  const mode = settings.postgres?.mode ?? 'asynchronous';
  if (mode === 'asynchronous') return false;
  const server = ports.postgres?.known === true ? ports.postgres.value.server : undefined;
  const isPrimary = server?.kind === 'up' && !server.inRecovery;
  const streams = (node: string): boolean =>
    isPrimary && server.standbys.some((standby) => standby.node === node && standby.state === 'streaming');
  const isAlone = mode === 'strict' && isPrimary && !synchronous.some((node) => node !== me && streams(node));
  const needed = mode === 'quorum' ? (settings.postgres?.quorum ?? 1) : 1;
  return synchronous.length - 1 < needed || isAlone;
}

function collectTerm(seen: Observation, set: SetGauge): void {
  const { hold, seen: sign } = seen.term;
  if (sign !== undefined && hold === undefined) set('hamn_holder_silent_seconds', sign.silentMs / 1000);
  if (hold === undefined) return;
  set('hamn_term_remaining_seconds', Math.max(0, hold.deadline - seen.now) / 1000);
  if (hold.byEtcdMs !== undefined) set('hamn_term_renewed_seconds_ago', hold.byEtcdMs / 1000, 'etcd');
  if (hold.byPromisesMs !== undefined)
    set('hamn_term_renewed_seconds_ago', hold.byPromisesMs / 1000, 'promises');
}

function collectPostgres(seen: Observation, member: MemberValue, set: SetGauge): void {
  const server = seen.ports.postgres?.known === true ? seen.ports.postgres.value.server : undefined;
  if (seen.ports.postgres === undefined) return;
  set('hamn_postgres_up', flag(server?.kind === 'up'));
  const copy = seen.ports.postgres.known ? seen.ports.postgres.value.copy : undefined;
  if (copy !== undefined) {
    set('hamn_postgres_copy_bytes', copy.bytes, copy.kind);
    if (copy.totalBytes !== undefined) set('hamn_postgres_copy_total_bytes', copy.totalBytes, copy.kind);
  }
  if (server?.kind !== 'up') return;
  set('hamn_postgres_in_recovery', flag(server.inRecovery));
  set('hamn_postgres_timeline', server.timeline);
  set('hamn_postgres_flushed_lsn_bytes', Number(server.flushedLsn));
  set('hamn_postgres_streaming', flag(server.streaming));
  const { upstream } = member.postgres ?? {};
  if (upstream !== undefined) set('hamn_postgres_upstream', 1, upstream);
  const beat = seen.term.group === undefined ? undefined : presentValue(seen.term.group.heartbeat);
  const ahead = parseLsn(beat?.lsn ?? '');
  set(
    'hamn_postgres_lag_bytes',
    member.role === 'primary' || !ahead.ok ? 0 : lagBytes(ahead.value, server.flushedLsn),
  );
  collectServer(server, set);
  const statistics = seen.ports.postgres.known ? seen.ports.postgres.value.statistics : undefined;
  if (statistics !== undefined) collectStatistics(statistics, seen.now, set);
}
