import {
  done,
  type FencingToken,
  fail,
  type GuardAct,
  type GuardPlan,
  type GuardView,
  type Instant,
  ok,
  type Result,
} from '@hamn/core';
import type { ArmOrder, GuardFailure, GuardPort } from '@hamn/engine';
import { type Answer, line, type Order, readAnswer } from '../wire/messages.ts';
import { actHere } from './act-here.ts';
import { Connection } from './connection.ts';

export interface GuardClientOptions {
  /** `/run/hamn` unless told otherwise: the socket, the record and PostgreSQL's gate live there. */
  readonly directory?: string | undefined;
  /** Where systemd's slices stand, for the act without the guard; found by itself when it is not given. */
  readonly controlGroups?: string | undefined;
}

interface Pending {
  readonly text: string;
  readonly settle: (answer: Answer) => void;
}

/**
 * Talks to hamn-guard. Orders are safe to repeat, so one that a lost connection swallowed is sent again within its limit: a guard that is
 * restarted meanwhile is not `silent`.
 */
export class GuardClient implements GuardPort {
  readonly #directory: string;
  readonly #controlGroups: string | undefined;
  readonly #connection: Connection;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners: (() => void)[] = [];
  #lastId = 0;

  constructor(options: GuardClientOptions = {}) {
    this.#directory = options.directory ?? '/run/hamn';
    this.#controlGroups = options.controlGroups;
    this.#connection = new Connection(`${this.#directory}/guard.sock`, {
      onUp: () => {
        for (const pending of this.#pending.values()) this.#connection.send(pending.text);
      },
      onDown: () => this.#changed(),
      onLine: (text) => this.#receive(text),
    });
  }

  async observe(timeoutMs: number, told?: Instant): Promise<Result<GuardView, GuardFailure>> {
    const answer = await this.#ask({ kind: 'observe', told }, timeoutMs);
    if (!answer.ok) return answer;
    return answer.value.view === undefined ? this.#nonsense() : ok(answer.value.view);
  }

  arm(order: ArmOrder, timeoutMs: number): Promise<Result<undefined, GuardFailure>> {
    return this.#tell({ kind: 'arm', order }, timeoutMs);
  }

  extend(
    token: FencingToken,
    deadline: Instant,
    timeoutMs: number,
  ): Promise<Result<undefined, GuardFailure>> {
    return this.#tell({ kind: 'extend', token, deadline }, timeoutMs);
  }

  plan(plan: GuardPlan, timeoutMs: number): Promise<Result<undefined, GuardFailure>> {
    return this.#tell({ kind: 'plan', plan }, timeoutMs);
  }

  async demote(reason: string, timeoutMs: number): Promise<Result<GuardAct, GuardFailure>> {
    const answer = await this.#ask({ kind: 'demote', reason }, timeoutMs);
    if (!answer.ok) return answer;
    return answer.value.act === undefined ? this.#nonsense() : ok(answer.value.act);
  }

  demoteWithoutGuard(plan: GuardPlan, reason: string, timeoutMs: number): Promise<GuardAct> {
    return actHere(plan, reason, timeoutMs, this.#directory, this.#controlGroups);
  }

  watch(onChange: () => void): void {
    this.#listeners.push(onChange);
  }

  close(): void {
    this.#connection.close();
  }

  async #tell(order: Order, timeoutMs: number): Promise<Result<undefined, GuardFailure>> {
    const answer = await this.#ask(order, timeoutMs);
    return answer.ok ? done : answer;
  }

  #ask(order: Order, timeoutMs: number): Promise<Result<Extract<Answer, { ok: true }>, GuardFailure>> {
    return new Promise((resolve) => {
      this.#lastId += 1;
      const id = this.#lastId;
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        resolve(this.#silent(order, timeoutMs));
      }, timeoutMs);
      const settle = (answer: Answer): void => {
        this.#pending.delete(id);
        clearTimeout(timer);
        resolve(answer.ok ? ok(answer) : answer);
      };
      const text = line({ id, order });
      this.#pending.set(id, { text, settle });
      if (this.#connection.up) this.#connection.send(text);
      else this.#connection.hurry();
    });
  }

  #receive(text: string): void {
    const message = readAnswer(text);
    if (message === undefined) return;
    if ('notice' in message) this.#changed();
    else this.#pending.get(message.id)?.settle(message);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  #silent(order: Order, timeoutMs: number): ReturnType<typeof fail<GuardFailure>> {
    const state = this.#connection.up ? 'is connected but' : 'cannot be reached and';
    return fail(
      'silent',
      `hamn-guard ${state} did not answer '${order.kind}' at ${this.#directory}/guard.sock within ${Math.round(timeoutMs)} ms. See systemctl status hamn-guard.`,
    );
  }

  #nonsense(): ReturnType<typeof fail<GuardFailure>> {
    return fail(
      'refused',
      'hamn-guard answered what this hamnd does not understand; both must be of one version.',
    );
  }
}
