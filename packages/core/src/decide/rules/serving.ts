import { after, between, longAgo } from '../../brands.ts';
import type { ResourceIntention } from '../../resources/plan.ts';
import type { ResourceAct } from '../../resources/states.ts';
import type { VipSettings } from '../../settings.ts';
import { successors } from '../candidacy.ts';
import { type Facts, isBusy } from '../facts.ts';
import type { Intention } from '../intention.ts';
import { ownMaintenance } from '../maintenance.ts';
import { graphOf, resourceIntentions, vipTurn } from '../role-resources.ts';
import type { Match, Rule } from '../rule.ts';

/** What a holder serves with: VIPs beside the promotion, other resources in their order. */

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
  const turn = vipTurn(facts, vip.address);
  if (view.present) {
    // What it works on cannot be restarted under it.
    if (turn.kind === 'stop') {
      const text = `The VIP ${vip.address} is removed: ${turn.reason}.`;
      return { text, intention: { kind: 'vip.remove', vip, reason: turn.reason } };
    }
    if (view.announcedAt !== undefined) return undefined;
    return { text: `The VIP ${vip.address} is announced.`, intention: { kind: 'vip.announce', token, vip } };
  }
  if (turn.kind !== 'serve') return undefined;
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

/** Acts on resources, and what the plan says beyond them. Looks are not worth a word: `decide` sees to them. */
function tendResources(facts: Facts): Match | undefined {
  if (!facts.seen.local.managed) return undefined;
  const intentions = resourceIntentions(facts).flatMap(intentionsOf);
  if (intentions.length === 0) return undefined;
  return { because: intentions.map(actText).join(' '), intentions };
}

/** What the node does about it: a resource that cannot be stopped makes the guard act, and a move of the role is a rule of its own. */
export function intentionsOf(intention: ResourceIntention): readonly Intention[] {
  switch (intention.kind) {
    case 'resource.act':
      return intention.act === 'monitor' ? [] : [intention];
    case 'resource.self-fence':
      return [{ kind: 'demote', reason: intention.reason }];
    case 'resource.fail-over':
      return [];
  }
}

const verbs: Readonly<Record<ResourceAct, string>> = {
  start: 'is started',
  stop: 'is stopped',
  promote: 'is promoted',
  demote: 'is demoted',
  outdate: 'is marked as outdated',
  kill: 'is killed',
  monitor: 'is looked at',
};

function actText(intention: Intention): string {
  if (intention.kind === 'resource.act')
    return `${intention.name} ${verbs[intention.act]}: ${intention.reason.replace(/\.$/, '')}.`;
  return 'reason' in intention ? intention.reason : '';
}

/** So long a resource that the role was given away for does not move it from this node again. */
const staysMs = 3_600_000;

/** A resource whose policy is `failover` and whose restarts are used up moves the role, if another node can take it. */
function failOverForResource(facts: Facts): Match | undefined {
  const { hold, memory, pgSettings, seen, paused } = facts;
  if (hold === undefined || memory.handover !== undefined || paused || seen.settings.failover === 'manual')
    return undefined;
  if (ownMaintenance(facts) !== undefined) return undefined;
  const failed = resourceIntentions(facts).find((one) => one.kind === 'resource.fail-over');
  if (failed === undefined) return undefined;
  // What is wrong on both nodes would move the role to and fro for ever.
  if (seen.now < (memory.staysUntil?.[failed.name] ?? longAgo))
    return {
      because: `${failed.name} has failed for good here, and the role was given away for it a while ago: it stays for now. \`hamnctl cleanup ${failed.name}\` lets it move again.`,
    };
  if (pgSettings !== undefined && !facts.writable) return undefined;
  const windowMs = graphOf(seen.settings.resources).byName.get(failed.name)?.settings.failure.windowMs ?? 0;
  const [to] = successors(facts);
  // The other node gets a fair try: no second move within the window, or two broken nodes would play ball.
  if (to === undefined || seen.now < after(hold.since, Math.min(windowMs, 60_000))) {
    return { because: `${failed.name} has failed for good here, and no other node may take over now.` };
  }
  const reason = `${failed.reason.replace(/\.$/, '')}; the role goes to ${to}.`;
  return {
    because: reason,
    memory: {
      handover: { id: 'service', to, since: seen.now, reason, stoppedAt: undefined, resource: failed.name },
      staysUntil: { ...memory.staysUntil, [failed.name]: after(seen.now, staysMs) },
    },
  };
}

export const servingRules: readonly Rule[] = [
  {
    id: 'vips',
    band: 'upkeep',
    because:
      'A holder adds and announces the VIPs once what they come after is well and nobody else answers for them, and takes them away while that is restarted.',
    when: serveVips,
  },
  {
    id: 'resources',
    band: 'upkeep',
    because:
      'Resources are started, stopped and restarted in their order, each where it belongs and a bounded number of times.',
    when: tendResources,
  },
  {
    id: 'resource-failover',
    band: 'upkeep',
    because: 'A resource whose policy says so moves the role when its restarts are used up.',
    when: failOverForResource,
  },
];
