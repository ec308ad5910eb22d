import { after, type Instant } from '../../brands.ts';
import { alone, withRecord } from '../../claim.ts';
import type { StateValue } from '../../group/values.ts';
import type { PostgresView } from '../../postgres-view.ts';
import { betterCandidate, judgeCandidacy } from '../candidacy.ts';
import { cloneMatch } from '../clone-source.ts';
import { answersAsPrimary, type Facts, holderUpstream, isBusy, isCandidate } from '../facts.ts';
import type { Intention, UpstreamNode } from '../intention.ts';
import { streamsWell } from '../memory.ts';
import { againstQuorum, mustStayDetached, quorumText } from '../quorum.ts';
import { hasDiverged } from '../rejoin.ts';
import type { Match, Rule } from '../rule.ts';
import { cascadeRule } from './cascade.ts';
import { comeBack, raiseSettings } from './come-back.ts';
import { detachRule } from './detach.ts';
import { candidateMaintenance } from './maintenance.ts';
import { restartOfStandby } from './restart.ts';
import { standbyRecoveringRule } from './sick.ts';
import { againstUnattended } from './unattended.ts';
import { neverConsistent, onOtherLine } from './useless-copy.ts';

/** A standby that does not stream from a reachable primary for this long is looked at. */
const patienceMs = 6000;

/** An admin's failover that names this node, or nobody. */
export function wantedByAdmin(facts: Facts): boolean {
  const { request, leader, seen, group } = facts;
  if (request?.kind !== 'failover' || leader === undefined || group?.leader.kind !== 'present') return false;
  return request.token === Number(group.leader.mod) && (request.to === undefined || request.to === seen.me);
}

export const dataLossAllowed = (facts: Facts): boolean =>
  wantedByAdmin(facts) && facts.request?.allowDataLoss === true;

function takeIntention(facts: Facts, why: string): Intention | undefined {
  const { seen, state, group } = facts;
  const sign = seen.term.seen;
  if (sign === undefined || state === undefined || group?.state.kind !== 'present') return undefined;
  // Only a fenced holder's term is taken from outside the electorate: nobody lives on promises then.
  const electorate = state.electorate.includes(seen.me) ? state.electorate : [...state.electorate, seen.me];
  const next: StateValue = withRecord({ ...state, electorate }, seen.me, alone);
  const basis = { leader: sign.leader, heartbeat: sign.heartbeat, state: group.state.mod } as Extract<
    Intention,
    { kind: 'take' }
  >['basis'];
  return { kind: 'take', basis, state: next, why };
}

/** A hand-over that was begun ends in its way whatever is set; so does a node's own term that ended: it comes back where it was. */
const isOwn = ({ seen }: Facts): boolean =>
  seen.verdict.may && (seen.verdict.why === 'released' || seen.verdict.why === 'mine');

/** Storage that one node alone may mount: silence is not enough, whoever asks. */
function fenceMissing({ seen, leader }: Facts): string | undefined {
  if (seen.settings.fencing?.mode !== 'required' || !seen.verdict.may || seen.verdict.why !== 'timed')
    return undefined;
  if (leader?.kind !== 'held' || leader.holder === seen.me) return undefined;
  return `Fencing is required: the term is taken once ${leader.holder} is confirmed to be off (hamnctl fence ${leader.holder}).`;
}

function whyNotNow(facts: Facts): string | undefined {
  const { seen } = facts;
  if (facts.memory.leaving !== undefined) return facts.memory.leaving;
  if (!seen.verdict.may) return seen.verdict.because;
  const unheard = dataLossAllowed(facts) ? undefined : againstQuorum(facts);
  if (unheard !== undefined) return unheard;
  if (isOwn(facts)) return undefined;
  const missing = fenceMissing(facts);
  if (missing !== undefined) return missing;
  if (wantedByAdmin(facts)) return undefined;
  const against = againstUnattended(facts);
  if (against !== undefined) return against;
  const better = betterCandidate(facts);
  const grace: Instant = after(seen.term.waitUntil, seen.settings.timings.termMs / 2);
  if (better !== undefined && seen.now < grace)
    return `${better} is the better candidate and is given the first try.`;
  return undefined;
}

function takeBackTooEarly(facts: Facts): string | undefined {
  const { seen, leader } = facts;
  if (!seen.verdict.may || seen.verdict.why !== 'mine' || leader?.kind !== 'released') return undefined;
  const patience = leader.termMs / 2;
  return (seen.term.seen?.silentMs ?? 0) < patience
    ? `${leader.to} is given ${patience} ms to take the released term.`
    : undefined;
}

function take(facts: Facts): Match | undefined {
  if (!isCandidate(facts)) return undefined;
  if (whyNotNow(facts) !== undefined || takeBackTooEarly(facts) !== undefined) return undefined;
  if (!judgeCandidacy(facts, { dataLoss: dataLossAllowed(facts) }).eligible) return undefined;
  const why = facts.seen.verdict.because;
  const intention = takeIntention(facts, why);
  return intention === undefined
    ? undefined
    : { because: `${why} This node takes the term.`, intentions: [intention] };
}

function reinit(facts: Facts): Match | undefined {
  const { request, seen, memory } = facts;
  if (!isCandidate(facts) || request?.kind !== 'reinit' || request.to !== seen.me) return undefined;
  const upstream = holderUpstream(facts);
  const key = 'postgres.role';
  const finished = seen.finished.get(key);
  const begun = memory.request?.id === request.id ? memory.request.seenAt : undefined;
  if (begun !== undefined && finished?.code === 'cloned' && finished.at >= begun) {
    const message = `${seen.me} was cloned again.`;
    return {
      because: message,
      intentions: [{ kind: 'request.finish', id: request.id, outcome: 'done', message }],
    };
  }
  if (upstream === undefined) {
    const message = `${seen.me} cannot be cloned again: no other node is primary.`;
    return {
      because: message,
      intentions: [{ kind: 'request.finish', id: request.id, outcome: 'refused', message }],
    };
  }
  const because = `${request.by} asked for this node to be cloned again from ${upstream.node}.`;
  const remember = begun === undefined ? { request: { id: request.id, seenAt: seen.now } } : {};
  if (isBusy(facts, key)) return { because, memory: remember };
  if (facts.server?.kind !== 'down') {
    return {
      because,
      memory: remember,
      intentions: [{ kind: 'postgres.stop', mode: 'immediate', reason: because }],
    };
  }
  const clone = cloneMatch(facts, upstream, because);
  return { ...clone, memory: { ...remember, ...clone.memory } };
}

/** Started when nobody held the term, it may wait for WAL that only an upstream can give before it takes sessions. */
const isStartingStandby = ({ server, data }: PostgresView): boolean =>
  server.kind === 'rejecting' && data.kind === 'present' && data.standbySignal;

/** It looks as if it streamed, and the primary writes another timeline: after a promotion for a moment, and again and again when the data has diverged. */
function connectsInVain(facts: Facts, upstream: UpstreamNode | undefined): string | undefined {
  const { server, seen } = facts;
  if (upstream === undefined || !seen.contact.known || !answersAsPrimary(facts, upstream.node))
    return undefined;
  const its = seen.contact.value?.postgres?.timeline;
  if (server?.kind !== 'up' || !server.streaming || its === undefined || its === server.timeline)
    return undefined;
  return `It streams timeline ${server.timeline}, and ${upstream.node} writes ${its}: it is not on the primary’s line yet.`;
}

function followHolder(facts: Facts): Match | undefined {
  const { server, postgres, memory, seen } = facts;
  if (!isCandidate(facts) || postgres === undefined || isBusy(facts, 'postgres.role')) return undefined;
  const isStandby = server?.kind === 'up' && server.inRecovery;
  if (!isStandby && !isStartingStandby(postgres)) return undefined;
  if (mustStayDetached(facts))
    return { because: 'It receives nothing until the primary gives a new sign, or another one is there.' };
  const upstream = holderUpstream(facts);
  const other = upstream === undefined ? undefined : onOtherLine(facts);
  if (other !== undefined) return other;
  if (upstream !== undefined && postgres.configured.upstream !== upstream.node) {
    const apart = hasDiverged(facts);
    if (apart !== undefined) return stopApart(facts, upstream, apart);
    const because = `${upstream.node} holds the term; this standby follows it.`;
    return { because, intentions: [{ kind: 'postgres.follow', upstream, reason: because }] };
  }
  if (!isStandby) return upstream === undefined ? undefined : neverConsistent(facts, upstream);
  const fork = hasDiverged(facts) ?? connectsInVain(facts, upstream);
  if (upstream === undefined || (server.streaming && fork === undefined)) {
    return {
      because: server.streaming
        ? `It streams from ${upstream?.node ?? 'the primary'}.`
        : 'It waits as a standby.',
      memory: upstream === undefined ? { ...streamsWell, cloneTried: memory.cloneTried } : streamsWell,
    };
  }
  const since = memory.notStreamingSince ?? seen.now;
  const because = fork ?? `It does not stream from ${upstream.node} yet.`;
  // Only a primary that answers proves that the fault lies in this node's data.
  if (!answersAsPrimary(facts, upstream.node)) return { because, memory: { notStreamingSince: undefined } };
  if (seen.now < after(since, patienceMs)) return { because, memory: { notStreamingSince: since } };
  const reason =
    fork ??
    `It has not streamed from ${upstream.node} for ${patienceMs} ms although ${upstream.node} answers: its data is looked at.`;
  return stopToLook(reason);
}

/** It has not been pointed to the new primary yet, and never is: its position is of another line, and PostgreSQL would take it for an acknowledgement. */
function stopApart(facts: Facts, upstream: UpstreamNode, because: string): Match {
  return answersAsPrimary(facts, upstream.node) ? stopToLook(because) : { because };
}

const stopToLook = (reason: string): Match => ({
  because: reason,
  memory: { notStreamingSince: undefined, suspect: true },
  intentions: [{ kind: 'postgres.stop', mode: 'fast', reason }],
});

/** Candidate rules, in their order. */
export const candidateRules: readonly Rule[] = [
  candidateMaintenance,
  {
    id: 'take',
    band: 'role',
    because:
      'An eligible candidate takes a term that was released to it, is its own, has run out, or whose holder is confirmed to be off.',
    when: take,
  },
  detachRule,
  {
    id: 'reinit',
    band: 'role',
    because: 'An admin asked for this standby to be cloned again.',
    when: reinit,
  },
  restartOfStandby,
  {
    id: 'come-back',
    band: 'role',
    because: 'A database that does not run comes back as a standby: started, rewound or cloned, by facts.',
    when: comeBack,
  },
  cascadeRule,
  {
    id: 'raise-settings',
    band: 'role',
    because: 'A standby whose settings are lower than the primary’s is restarted with what is needed.',
    when: raiseSettings,
  },
  {
    id: 'follow',
    band: 'role',
    because: 'A standby follows the node that holds the term.',
    when: followHolder,
  },
  standbyRecoveringRule,
  {
    id: 'witness',
    band: 'role',
    because: 'A witness votes in etcd and serves status; it never becomes primary.',
    when: (facts) => (facts.self?.role === 'witness' ? { because: 'This node is a witness.' } : undefined),
  },
  {
    id: 'wait',
    band: 'role',
    because: 'Nothing is to be done for the role now.',
    when: (facts) => ({
      because: facts.seen.verdict.may
        ? 'It may take the term but is not eligible.'
        : facts.seen.verdict.because,
    }),
  },
];

/** What a person is told of this candidate's chances. */
export function explainCandidate(facts: Facts): readonly string[] {
  const candidacy = judgeCandidacy(facts);
  const more = [quorumText(facts), whyNotNow(facts)].filter((text) => text !== undefined);
  return [...candidacy.reasons, ...more];
}
