import { after, type Instant, Term, type TermEvent } from '@hamn/core';

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

/** The deadline is counted from the answer, not from the sending. */
export const countFromReply = (): (() => void) =>
  beforeStep((_term, event) =>
    event.kind === 'outcome' && event.purpose === 'heartbeat' ? { ...event, sentAt: event.now } : event,
  );

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

/** Acts are not checked against the term. */
export function ignoreMayAct(): () => void {
  const original = Term.prototype.mayAct;
  Term.prototype.mayAct = () => true;
  return () => {
    Term.prototype.mayAct = original;
  };
}
