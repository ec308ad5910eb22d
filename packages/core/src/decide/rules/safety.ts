import { after } from '../../brands.ts';
import { readValue } from '../../reading.ts';
import type { Standing } from '../../resources/standing.ts';
import { type Facts, isBusy } from '../facts.ts';
import { whyNotItself } from '../identity.ts';
import type { Intention } from '../intention.ts';
import { leftMarkers, leftResources, resourceIntentions } from '../role-resources.ts';
import type { Rule } from '../rule.ts';
import { intentionsOf } from './serving.ts';

/** What may be here only while the term is held. */
function leftovers(facts: Facts): {
  readonly what: readonly string[];
  readonly intentions: readonly Intention[];
} {
  const { vips, seen } = facts;
  const what: string[] = [];
  const intentions: Intention[] = [];
  for (const vip of seen.settings.vips) {
    if (vips?.some((view) => view.address === vip.address && view.present) !== true) continue;
    what.push(`the VIP ${vip.address}`);
    intentions.push({ kind: 'vip.remove', vip, reason: 'this node does not hold the term' });
  }
  const left = [...leftResources(facts), ...leftMarkers(facts)];
  what.push(...left.map((one) => one.name));
  intentions.push(...actsOn(left, facts));
  if (mustCleanCrontab(facts)) {
    what.push('an entry of xCAT’s monitoring in root’s crontab');
    const reason = 'it holds the database’s password, and this node does not hold the term';
    intentions.push({ kind: 'crontab.clean', reason });
  }
  return { what, intentions };
}

function actsOn(left: readonly Standing[], facts: Facts): readonly Intention[] {
  const names = new Set(left.map((one) => one.name));
  return resourceIntentions(facts)
    .filter(({ name }) => names.has(name))
    .flatMap(intentionsOf);
}

/** A crontab that cannot be changed is a problem to be told, and no reason to keep the node from everything else. */
const crontabRetryMs = 10_000;

function mustCleanCrontab({ seen }: Facts): boolean {
  const crontab = seen.ports.crontab === undefined ? undefined : readValue(seen.ports.crontab);
  const last = seen.finished.get('crontab.clean');
  const failedNow = last !== undefined && !last.ok && seen.now < after(last.at, crontabRetryMs);
  return crontab !== undefined && crontab.xcatEntries > 0 && !failedNow;
}

/** See `whyNotItself`. */
export const seenAsAnother = ({ seen, group, memory }: Facts): string | undefined =>
  whyNotItself({
    me: seen.me,
    local: seen.local,
    group,
    twin: memory.twin,
    termMs: seen.settings.timings.termMs,
    now: seen.now,
  });

/** A server that is writable, or that will be once it has started. */
function isOrWillBeWritable(facts: Facts): boolean {
  const { postgres, server } = facts;
  if (facts.writable) return true;
  const starting = server?.kind === 'rejecting' || server?.kind === 'hung';
  return starting && postgres?.data.kind === 'present' && !postgres.data.standbySignal;
}

export const safetyRules: readonly Rule[] = [
  {
    id: 'ending',
    band: 'safety',
    because: 'A term that is over ends with a verified harmless node; nothing else is done before.',
    when: (facts) => {
      const { seen } = facts;
      if (seen.term.phase !== 'ending') return undefined;
      const because = `The node is being made harmless: ${seen.term.ended ?? 'the term is over'}`;
      // What the guard does not end, such as a mount, need not wait for it.
      return {
        because,
        intentions: actsOn(leftResources(facts), facts).filter(({ kind }) => kind === 'resource.act'),
      };
    },
  },
  {
    id: 'not-managed',
    band: 'safety',
    because: 'A node that was never part of an initialised group is left alone.',
    when: (facts) => {
      if (facts.seen.local.managed || facts.leader !== undefined) return undefined;
      const why =
        facts.group === undefined
          ? 'The group has not been read yet'
          : 'The group is not initialised (run hamnctl init)';
      return { because: `${why}; nothing is touched.` };
    },
  },
  {
    id: 'adopt',
    band: 'safety',
    because: 'The database of a new group is stopped cleanly once, to come back under the term.',
    when: (facts) => {
      const { leader, state, seen } = facts;
      if (seen.term.phase === 'holding' || !facts.writable) return undefined;
      if (leader?.kind !== 'released' || leader.to !== seen.me || state?.promotions.length !== 0)
        return undefined;
      return {
        because:
          'The group is new and its database runs outside the term; it is stopped cleanly to come back under it.',
        intentions: [{ kind: 'postgres.stop', mode: 'fast', reason: 'the database comes under hamn’s term' }],
      };
    },
  },
  {
    id: 'not-holder-writable',
    band: 'safety',
    because: 'A database that is writable without the term is killed (I1, I4).',
    when: (facts) => {
      const phase = facts.seen.term.phase;
      if (phase === 'holding' || !isOrWillBeWritable(facts)) return undefined;
      if (facts.seen.inFlight.has('postgres.role') && !facts.writable) return undefined;
      const because = 'PostgreSQL is writable here, and this node does not hold the term.';
      return { because, intentions: [{ kind: 'demote', reason: because }] };
    },
  },
  {
    id: 'not-holder-leftovers',
    band: 'safety',
    because:
      'VIPs, resources, markers and crontab entries of an earlier term are removed before anything else (I4).',
    when: (facts) => {
      if (facts.seen.term.phase === 'holding') return undefined;
      const { what, intentions } = leftovers(facts);
      if (what.length === 0) return undefined;
      return { because: `This node does not hold the term, but has ${what.join(', ')}.`, intentions };
    },
  },
  {
    id: 'not-itself',
    band: 'safety',
    because: 'A machine that is not the node that its files name takes no part (I4).',
    when: (facts) => {
      const because = facts.seen.term.phase === 'holding' ? undefined : seenAsAnother(facts);
      if (because === undefined) return undefined;
      const runs = facts.server !== undefined && facts.server.kind !== 'down';
      // An address may be gone with its card; that alone is no reason to stop a standby.
      if (!facts.seen.local.addressHere || !runs || isBusy(facts, 'postgres.role')) return { because };
      return { because, intentions: [{ kind: 'postgres.stop', mode: 'fast', reason: because }] };
    },
  },
  {
    id: 'no-view',
    band: 'safety',
    because: 'Without the group’s keys nothing is begun; a running standby goes on.',
    when: ({ group, leader, seen }) => {
      if (seen.term.phase === 'holding') return undefined;
      if (seen.term.alarm !== undefined) return { because: seen.term.alarm };
      if (group === undefined)
        return { because: 'etcd has not answered a read yet; a running standby goes on.' };
      if (leader === undefined) {
        const reason = group.leader.kind === 'unreadable' ? group.leader.reason : 'The leader key is gone.';
        return { because: `${reason} The term is never acquired then; see docs/runbooks/etcd.md.` };
      }
      return undefined;
    },
  },
];
