import { between, type Instant, type Step } from '@hamn/core';
import type { Ports } from '../ports/all.ts';

/** What is told this often, each time within `windowMs` of the last, is then told once a window. */
const mostTellings = 3;
const windowMs = 60_000;
/** Reasons carry figures, so there is no end of different ones. */
const mostRemembered = 500;

interface Telling {
  readonly count: number;
  readonly at: Instant;
}

/**
 * Each change of what the rules say is written down once, not at every tick. What comes and goes again and again (a try every three seconds
 * that fails) must not push everything else out of the journal.
 */
export class DecisionLog {
  readonly #ports: Pick<Ports, 'clock' | 'journal'>;
  readonly #told = new Map<string, Telling>();
  #last: ReadonlySet<string> = new Set();

  constructor(ports: Pick<Ports, 'clock' | 'journal'>) {
    this.#ports = ports;
  }

  take(trace: readonly Step[]): void {
    const now = this.#ports.clock.now();
    const before = this.#last;
    this.#last = new Set(trace.map(textOf));
    for (const step of trace) {
      if (before.has(textOf(step)) || !this.#mayTell(textOf(step), now)) continue;
      const { rule, because } = step;
      const event = alerts.get(rule);
      this.#ports.journal.write(
        event === undefined
          ? { event: 'decision', level: 'info', message: because, rule }
          : { event, level: 'warn', message: because, rule },
      );
    }
  }

  #mayTell(text: string, now: Instant): boolean {
    const told = this.#told.get(text);
    const restedMs = told === undefined ? Number.POSITIVE_INFINITY : between(told.at, now);
    const before = restedMs < 2 * windowMs ? (told?.count ?? 0) : 0;
    if (before >= mostTellings && restedMs < windowMs) return false;
    // Put in again at the end: the oldest is the first to be forgotten.
    this.#told.delete(text);
    this.#told.set(text, { count: before + 1, at: now });
    const [oldest] = this.#told.keys();
    if (this.#told.size > mostRemembered && oldest !== undefined) this.#told.delete(oldest);
    return true;
  }
}

/** Rules whose match somebody is to be woken for. */
const alerts: ReadonlyMap<string, string> = new Map([['prepared', 'failover.waits']]);

const textOf = ({ rule, because }: Step): string => `${rule}: ${because}`;
