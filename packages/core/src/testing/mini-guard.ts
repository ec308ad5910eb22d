import type { Instant } from '../brands.ts';
import type { GuardRecord, GuardView } from '../observation.ts';
import type { TermEffect, TermEvent } from '../term/events.ts';

export type GuardEffect = Extract<TermEffect, { kind: 'arm' | 'extend' }>;

/** The guard as the term protocol knows it: it keeps (token, nonce, deadline) and refuses once its own deadline has passed. */
export class MiniGuard {
  #record: GuardRecord | undefined;
  #state: GuardView['state'] = 'harmless';

  view(): GuardView {
    return { state: this.#state, record: this.#record, lastAct: undefined };
  }

  /** What a hamnd that starts now may resume. */
  resumable(now: Instant): GuardRecord | undefined {
    return this.#state === 'armed' && this.#record !== undefined && this.#record.deadline > now
      ? this.#record
      : undefined;
  }

  harmless(): void {
    this.#state = 'harmless';
  }

  /** A guard of another boot knows nothing. */
  reboot(): void {
    this.#record = undefined;
    this.#state = 'harmless';
  }

  /** Does what is asked, and says what hamnd hears. */
  answer(effect: GuardEffect, now: Instant): TermEvent {
    if (effect.kind === 'arm') {
      const { token, nonce, deadline, termMs } = effect;
      const isFree = this.#state === 'harmless' && now < deadline;
      if (isFree) {
        this.#record = { token, nonce, deadline, termMs };
        this.#state = 'armed';
      }
      return { kind: 'armed', now, token, ok: isFree, reason: isFree ? '' : 'it is not harmless' };
    }
    const { token, deadline, by } = effect;
    const record = this.#record;
    const isInTime = this.#state === 'armed' && record?.token === token && now < record.deadline;
    if (isInTime) this.#record = { ...record, deadline };
    return { kind: 'extended', now, token, deadline, ok: isInTime, code: isInTime ? '' : 'expired', by };
  }

  /** What hamnd is told when the guard was not asked to do it: `code` says why. */
  refusal(effect: GuardEffect, now: Instant, code: string): TermEvent {
    return effect.kind === 'arm'
      ? { kind: 'armed', now, token: effect.token, ok: false, reason: code }
      : {
          kind: 'extended',
          now,
          token: effect.token,
          deadline: effect.deadline,
          ok: false,
          code,
          by: effect.by,
        };
  }
}
