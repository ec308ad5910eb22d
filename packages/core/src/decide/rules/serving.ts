import { after, between, type Instant } from '../../brands.ts';
import type { ServiceSettings, VipSettings } from '../../settings.ts';
import { successors } from '../candidacy.ts';
import { type Facts, isBusy, isRunning } from '../facts.ts';
import type { Intention } from '../intention.ts';
import { ownMaintenance } from '../maintenance.ts';
import type { Match, Rule } from '../rule.ts';

/** What a holder serves with: VIPs beside the promotion, services after it. */

/** A probe that found nobody is believed for this long. */
const probeFreshMs = 1500;

function oneVip(
  facts: Facts,
  token: number,
  vip: VipSettings,
): { readonly text: string; readonly intention: Intention } | undefined {
  const { vips, seen } = facts;
  const view = vips?.find((candidate) => candidate.address === vip.address);
  if (view === undefined || isBusy(facts, `vip ${vip.address}`)) return undefined;
  if (view.present) {
    if (view.announcedAt !== undefined) return undefined;
    return { text: `The VIP ${vip.address} is announced.`, intention: { kind: 'vip.announce', token, vip } };
  }
  const probe = seen.finished.get(`vip.probe ${vip.address}`);
  const fresh = probe !== undefined && between(probe.at, seen.now) < probeFreshMs;
  if (fresh && probe.ok && probe.code === 'free') {
    return { text: `The VIP ${vip.address} is added.`, intention: { kind: 'vip.add', token, vip } };
  }
  const owner = fresh && probe.code === 'duplicate' ? ` ${String(probe.data['mac'])} answers for it.` : '';
  return {
    text: `The VIP ${vip.address} waits until nobody else answers for it.${owner}`,
    intention: { kind: 'vip.probe', vip },
  };
}

function serveVips(facts: Facts): Match | undefined {
  const { hold, memory, seen } = facts;
  if (hold === undefined || memory.handover !== undefined) return undefined;
  const steps = seen.settings.vips
    .map((vip) => oneVip(facts, hold.token, vip))
    .filter((step) => step !== undefined);
  if (steps.length === 0) return undefined;
  return {
    because: steps.map((step) => step.text).join(' '),
    intentions: steps.map((step) => step.intention),
  };
}

const recent = (times: readonly Instant[] | undefined, now: Instant, windowMs: number): readonly Instant[] =>
  (times ?? []).filter((time) => time > now - windowMs);

function mayStart(facts: Facts, service: ServiceSettings): boolean {
  const others = facts.seen.settings.services;
  return service.after.every((name) => {
    const other = others.find((candidate) => candidate.name === name);
    return other === undefined || facts.units.get(other.unit)?.active === 'active' || isGivenUp(facts, other);
  });
}

/** A failed minor service holds up neither the others nor the role: it is *degraded*. */
export function isGivenUp(facts: Facts, service: ServiceSettings): boolean {
  const times = recent(facts.memory.restarts[service.unit], facts.seen.now, service.restartWindowMs);
  return times.length > service.restarts && !isRunning(facts.units.get(service.unit));
}

function serveServices(facts: Facts): Match | undefined {
  const { hold, memory, seen } = facts;
  if (hold === undefined || memory.handover !== undefined) return undefined;
  if (facts.pgSettings !== undefined && memory.promotedToken !== hold.token) return undefined;
  if (facts.pgSettings !== undefined && !facts.writable) return undefined;
  // Services bind to the VIPs, so these come first; a VIP that another host answers for keeps them waiting.
  if (
    seen.settings.vips.some(
      (vip) => facts.vips?.some((view) => view.address === vip.address && view.present) !== true,
    )
  )
    return undefined;
  const intentions: Intention[] = [];
  const restarts: Record<string, readonly Instant[]> = { ...memory.restarts };
  for (const service of seen.settings.services) {
    const unit = facts.units.get(service.unit);
    if (unit === undefined || !unit.loaded || isRunning(unit) || isBusy(facts, `unit ${service.unit}`))
      continue;
    if (!mayStart(facts, service)) continue;
    const times = recent(memory.restarts[service.unit], seen.now, service.restartWindowMs);
    if (times.length > service.restarts) continue;
    restarts[service.unit] = [...times, seen.now];
    const reason =
      times.length === 0
        ? 'the role’s services start here'
        : `it stopped by itself (restart ${times.length} of ${service.restarts})`;
    intentions.push({
      kind: 'unit.start',
      token: hold.token,
      unit: service.unit,
      timeoutMs: service.startTimeoutMs,
      reason,
    });
  }
  if (intentions.length === 0) return undefined;
  const names = intentions
    .map((intention) => (intention.kind === 'unit.start' ? intention.unit : ''))
    .join(', ');
  return { because: `${names}: started.`, intentions, memory: { restarts } };
}

/** A service whose policy is `failover` and whose restarts are used up moves the role, if another node can take it. */
function failOverForService(facts: Facts): Match | undefined {
  const { hold, memory, seen, paused } = facts;
  if (hold === undefined || memory.handover !== undefined || paused || seen.settings.failover === 'manual')
    return undefined;
  if (ownMaintenance(facts) !== undefined) return undefined;
  const failed = seen.settings.services.find(
    (service) => service.onFailure === 'failover' && isGivenUp(facts, service),
  );
  if (failed === undefined) return undefined;
  const [to] = successors(facts);
  // The other node gets a fair try: no second move within the window, or two broken nodes would play ball.
  if (to === undefined || seen.now < after(hold.since, Math.min(failed.restartWindowMs, 60_000))) {
    return { because: `${failed.name} has failed for good here, and no other node may take over now.` };
  }
  const reason = `${failed.name} failed more than ${failed.restarts} times within ${failed.restartWindowMs} ms; the role goes to ${to}.`;
  return {
    because: reason,
    memory: { handover: { id: 'service', to, since: seen.now, reason, stoppedAt: undefined } },
  };
}

export const servingRules: readonly Rule[] = [
  {
    id: 'vips',
    band: 'upkeep',
    because: 'A holder adds and announces the VIPs once nobody else answers for them.',
    when: serveVips,
  },
  {
    id: 'services',
    band: 'upkeep',
    because: 'A holder’s services start in order and are restarted a bounded number of times.',
    when: serveServices,
  },
  {
    id: 'service-failover',
    band: 'upkeep',
    because: 'A service whose policy says so moves the role when its restarts are used up.',
    when: failOverForService,
  },
];
