import {
  type Failure,
  type Finished,
  fail,
  type InFlight,
  type Intention,
  intentionKey,
  ok,
  type Result,
} from '@hamn/core';
import type { Ports } from '../ports/all.ts';
import { Retries } from './retries.ts';

/** How an action ended: `code` is what the rules look at. */
export type ActionResult = Result<{
  readonly code: string;
  readonly data: Readonly<Record<string, string | number>>;
}>;

export type Action = () => Promise<ActionResult>;

/**
 * Starts actions and remembers how they ended. One key runs once at a time; an action's end is seen by the rules as part of the next
 * observation, never as a callback.
 */
export class Executor {
  readonly #ports: Pick<Ports, 'clock' | 'journal'>;
  readonly #onEnd: () => void;
  readonly #retries = new Retries();
  readonly #inFlight = new Map<string, InFlight>();
  readonly #finished = new Map<string, Finished>();

  constructor(ports: Pick<Ports, 'clock' | 'journal'>, onEnd: () => void) {
    this.#ports = ports;
    this.#onEnd = onEnd;
  }

  get inFlight(): ReadonlyMap<string, InFlight> {
    return this.#inFlight;
  }

  get finished(): ReadonlyMap<string, Finished> {
    return this.#finished;
  }

  /** `mayAct` is asked in the same turn as the action's first step. */
  run(intention: Intention, mayAct: (token: number) => boolean, action: Action): void {
    const key = intentionKey(intention);
    if (this.#inFlight.has(key)) return;
    if ('token' in intention && !mayAct(intention.token)) return;
    const begunAt = this.#ports.clock.now();
    if (!this.#retries.mayStart(intention, begunAt)) return;
    this.#inFlight.set(key, { key, since: begunAt });
    if (!this.#retries.isRetry(intention)) this.#announce(intention);
    const end = (result: ActionResult): void => this.#end(intention, key, begunAt, result);
    action().then(end, (error: unknown) =>
      end(fail('threw', error instanceof Error ? error.message : String(error))),
    );
  }

  #end(intention: Intention, key: string, begunAt: Finished['begunAt'], result: ActionResult): void {
    const at = this.#ports.clock.now();
    this.#inFlight.delete(key);
    if (result.ok) this.#retries.succeeded(intention);
    const base = { key, begunAt, at };
    const finished: Finished = result.ok
      ? { ...base, ok: true, code: result.value.code, message: '', data: result.value.data }
      : {
          ...base,
          ok: false,
          code: codeOf(intention, result.error),
          message: result.error.message,
          data: {},
        };
    this.#finished.set(key, finished);
    if (result.ok ? !isQuiet(intention) : this.#isNews(intention, result.error.message, at)) {
      const took = Math.round(at - begunAt);
      this.#ports.journal.write({
        event: `${intention.kind}.${result.ok ? 'done' : 'failed'}`,
        level: result.ok ? 'info' : 'warn',
        message: result.ok
          ? `${intention.kind} took ${took} ms.`
          : `${intention.kind} failed after ${took} ms: ${result.error.message}`,
        fields: { tookMs: took, code: finished.code },
      });
    }
    this.#onEnd();
  }

  /** A failure is tried again after a pause, at whose end the rules look again. */
  #isNews(intention: Intention, message: string, at: Finished['at']): boolean {
    const { pauseMs, tell } = this.#retries.failed(intention, message, at);
    this.#ports.clock.after(pauseMs, () => this.#onEnd());
    return tell;
  }

  #announce(intention: Intention): void {
    if (isQuiet(intention)) return;
    const reason = 'reason' in intention ? intention.reason : intention.kind;
    this.#ports.journal.write({ event: intention.kind, level: 'info', message: reason });
  }
}

/** What happens again and again and says nothing unless it fails. */
const isQuiet = (intention: Intention): boolean =>
  intention.kind === 'vip.probe' ||
  intention.kind === 'postgres.mark' ||
  ((intention.kind === 'postgres.standby-slots' || intention.kind === 'postgres.slots') &&
    intention.reason === '') ||
  intention.kind === 'invite' ||
  intention.kind === 'postgres.checkpoint';

/** Failures by which the rules choose what comes next. */
function codeOf(intention: Intention, error: Failure): string {
  // Nothing was tried.
  if (error.code === 'over') return error.code;
  switch (intention.kind) {
    case 'postgres.promote':
      return 'promote-failed';
    case 'postgres.start-primary':
    case 'postgres.start-standby':
      return error.code === 'data-damaged' || error.code === 'recovering' ? error.code : 'start-failed';
    case 'postgres.stop':
      return 'stop-failed';
    case 'postgres.rewind':
      // A source that cannot be reached says nothing about the data: only the tool's own failure leads to a clone.
      return error.code === 'tool-failed' ? 'rewind-failed' : error.code;
    case 'postgres.clone':
      return 'clone-failed';
    default:
      return error.code;
  }
}

export const plain = async (code: string, call: Promise<Result<unknown>>): Promise<ActionResult> => {
  const result = await call;
  return result.ok ? ok({ code, data: {} }) : result;
};
