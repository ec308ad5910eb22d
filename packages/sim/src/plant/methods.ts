import {
  after,
  type Facts,
  type Instant,
  later,
  nodeId,
  presentValue,
  type TakeVerdict,
  Term,
  type TermEvent,
} from '@hamn/core';
import { both, withRule } from './over.ts';

type Step = Term['step'];

/** Puts a change of its events before `Term.step`; the answer takes it away. */
function beforeStep(change: (term: Term, event: TermEvent) => TermEvent): () => void {
  const original: Step = Term.prototype.step;
  Term.prototype.step = function step(this: Term, event: TermEvent): ReturnType<Step> {
    return original.call(this, change(this, event));
  };
  return () => {
    Term.prototype.step = original;
  };
}

/** Puts another judgement over `Term.judgeTake`. */
function afterJudgement(change: (term: Term, verdict: TakeVerdict, now: Instant) => TakeVerdict): () => void {
  const original: Term['judgeTake'] = Term.prototype.judgeTake;
  Term.prototype.judgeTake = function judgeTake(this: Term, guard, now): TakeVerdict {
    return change(this, original.call(this, guard, now), now);
  };
  return () => {
    Term.prototype.judgeTake = original;
  };
}

/** The deadline is counted from the answer, not from the sending. */
export function countFromReply(): () => void {
  const original: Step = Term.prototype.step;
  Term.prototype.step = function step(this: Term, event: TermEvent): ReturnType<Step> {
    const effects = original.call(this, event);
    if (event.kind !== 'outcome' || event.purpose !== 'heartbeat') return effects;
    const tookMs = event.now - event.sentAt;
    return effects.map((effect) =>
      effect.kind === 'extend' ? { ...effect, deadline: after(effect.deadline, tookMs) } : effect,
    );
  };
  return () => {
    Term.prototype.step = original;
  };
}

/** An answer that comes after the deadline counts as if it had come in time, and gives a whole term. */
export const reviveByLateReply = (): (() => void) =>
  beforeStep((term, event) => {
    const hold = term.view(event.now).hold;
    if (hold === undefined || event.now < hold.deadline) return event;
    const inTime: Instant = after(hold.deadline, -0.01);
    if (event.kind === 'outcome' && event.purpose === 'heartbeat')
      return { ...event, now: inTime, sentAt: event.now };
    if (event.kind === 'extended' || event.kind === 'promise') return { ...event, now: inTime };
    return event;
  });

/** A node that was asked counts as if it had promised, as long as it is no elector. */
export const joinUnheard = (): (() => void) =>
  beforeStep((term, event) => {
    if (event.kind !== 'promise' || event.yes) return event;
    const electorate = term.view(event.now).hold?.state?.electorate;
    return electorate === undefined || electorate.includes(event.from) ? event : { ...event, yes: true };
  });

/** Acts are not checked against the term. */
export function ignoreMayAct(): () => void {
  const original = Term.prototype.mayAct;
  Term.prototype.mayAct = () => true;
  return () => {
    Term.prototype.mayAct = original;
  };
}

/** A promise is made in a phase in which a take of this node may be under way. */
const promiseIn = (phases: readonly string[]) => (): (() => void) => {
  const original: Term['promise'] = Term.prototype.promise;
  Term.prototype.promise = function promise(this: Term, ask, now): ReturnType<Term['promise']> {
    const verdict = original.call(this, ask, now);
    const { phase, group } = this.view(now);
    const leader = group === undefined ? undefined : presentValue(group.leader);
    const isAskers = leader?.kind === 'held' && leader.holder === ask.from;
    return verdict.yes || !phases.includes(phase) || !isAskers ? verdict : { yes: true };
  };
  return () => {
    Term.prototype.promise = original;
  };
};

export const promiseWhileTaking: () => () => void = promiseIn(['taking']);
export const promiseUnsettled: () => () => void = promiseIn(['reading', 'settling']);

/** A candidate waits from its own start, not from the last sign that it received. */
export const waitFromStart = (): (() => void) => {
  const startedAt = new WeakMap<Term, Instant>();
  const away = beforeStep((term, event) => {
    if (event.kind === 'start') startedAt.set(term, event.now);
    return event;
  });
  const back = afterJudgement((term, verdict, now) => {
    const { group, phase, promisedUntil } = term.view(now);
    const leader = group === undefined ? undefined : presentValue(group.leader);
    const start = startedAt.get(term);
    if (verdict.may || verdict.until === undefined || leader?.kind !== 'held' || start === undefined)
      return verdict;
    const until = later(after(start, leader.termMs), promisedUntil);
    if (phase !== 'candidate' || now < until) return verdict;
    return { may: true, why: 'timed', because: 'It has run for a whole term.' };
  });
  return () => {
    back();
    away();
  };
};

/** A candidate forgets what it has promised. */
export const promiseForgotten = (): (() => void) =>
  afterJudgement((term, verdict, now) => {
    const { waitUntil } = term.view(now);
    if (verdict.may || verdict.until === undefined || now < waitUntil) return verdict;
    return { may: true, why: 'timed', because: 'It has given no sign.' };
  });

/** The recorded synchronous set is not looked at. */
export const setIgnored: () => () => void = withRule('take', (facts, own) =>
  own(facts.state === undefined ? facts : { ...facts, state: withMe(facts, facts.state) }),
);

const withMe = (facts: Facts, state: NonNullable<Facts['state']>): NonNullable<Facts['state']> => ({
  ...state,
  synchronous: [...state.synchronous, nodeId(facts.seen.me)],
});

/** The timeline of the candidate’s database is not looked at. */
export const timelineIgnored: () => () => void = withRule('take', (facts, own) => {
  const last = facts.state?.promotions.at(-1);
  const { server, seen } = facts;
  if (last === undefined || server?.kind !== 'up') return own(facts);
  const line = { token: last.token, timeline: last.timeline };
  const local = { ...seen.local, line };
  return own({ ...facts, server: { ...server, timeline: last.timeline }, seen: { ...seen, local } });
});

/** Timelines are told apart by their numbers alone. */
const byNumber = (id: string): (() => () => void) =>
  withRule(id, (facts, own) => {
    const last = facts.state?.promotions.at(-1);
    const { seen } = facts;
    if (last === undefined) return own(facts);
    const line = { token: last.token, timeline: last.timeline };
    const promotions = seen.local.promotions.filter(({ token }) => token <= last.token);
    return own({ ...facts, seen: { ...seen, local: { ...seen.local, line, promotions } } });
  });

export const lineIgnored: () => () => void = both(
  byNumber('take'),
  byNumber('follow'),
  byNumber('come-back'),
);

/** A request is followed whatever term it was made under. */
export const anyRequest: () => () => void = withRule('switchover-asked', (facts, own) => {
  const { request, hold } = facts;
  return own(
    request === undefined || hold === undefined
      ? facts
      : { ...facts, request: { ...request, token: hold.token } },
  );
});

/** A hand-over gives the term away first and stops everything afterwards. */
export const releaseFirst: () => () => void = withRule('hand-over', (facts, own) => {
  const { hold, memory } = facts;
  if (hold === undefined || memory.handover === undefined) return own(facts);
  const { to, reason } = memory.handover;
  return { because: reason, intentions: [{ kind: 'release', token: hold.token, to, reason }] };
});

const asSynchronous = (facts: Facts): Facts =>
  facts.pgSettings === undefined
    ? facts
    : { ...facts, pgSettings: { ...facts.pgSettings, mode: 'synchronous' } };

/** The mode `strict` is treated as `synchronous` where PostgreSQL’s names are set. */
export const strictForgotten: () => () => void = both(
  withRule('sync-names', (facts, own) => own(asSynchronous(facts))),
  withRule('sync-shrink-record', (facts, own) => own(asSynchronous(facts))),
);

/** What is received from is never changed once it is the standby that the settings name. */
export const cascadeNeverLeft: () => () => void = withRule('follow-standby', (facts, own) => {
  const { postgres, self, server } = facts;
  const upstream = postgres?.configured.upstream;
  if (server?.kind !== 'up' || !server.inRecovery) return own(facts);
  if (upstream === undefined || upstream !== self?.replicatefrom) return own(facts);
  return { because: `It stays with ${upstream}.` };
});
