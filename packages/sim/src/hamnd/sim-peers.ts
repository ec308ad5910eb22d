import { fail, type MemberValue, type NodeId, ok, type Result } from '@hamn/core';
import type { PeerFailure, PeerHandlers, PeerPort, PromiseAnswer, PromiseAsk } from '@hamn/engine';
import type { Random } from '../base/random.ts';
import type { Network } from '../machine/network.ts';
import type { Process } from '../machine/process.ts';
import { request } from '../machine/request.ts';

/** Who listens where. */
export class PeerRegistry {
  readonly #listeners = new Map<string, { readonly process: Process; readonly handlers: PeerHandlers }>();
  readonly #onPromise: ((by: string) => void)[] = [];

  listen(node: string, process: Process, handlers: PeerHandlers): void {
    this.#listeners.set(node, { process, handlers });
  }

  find(node: string): { readonly process: Process; readonly handlers: PeerHandlers } | undefined {
    const found = this.#listeners.get(node);
    return found?.process.alive === true ? found : undefined;
  }

  /** A node has said yes to somebody else's term. */
  onPromise(listener: (by: string) => void): void {
    this.#onPromise.push(listener);
  }

  promised(by: string): void {
    for (const listener of this.#onPromise) listener(by);
  }
}

export interface PeerParts {
  readonly me: NodeId;
  readonly process: Process;
  readonly network: Network;
  readonly registry: PeerRegistry;
  readonly machineRuns: (node: string) => boolean;
  readonly toWorldMs: (localMs: number) => number;
  readonly random: Random;
  /** The share of requests that arrive twice, the second time later. */
  readonly twiceShare: () => number;
}

const latestCopyMs = 3000;

/** Requests between hamnds: lost in a cut, late in a freeze, refused where no hamnd runs. */
export class SimPeers implements PeerPort {
  readonly #parts: PeerParts;

  constructor(parts: PeerParts) {
    this.#parts = parts;
  }

  ask(to: NodeId, ask: PromiseAsk, timeoutMs: number): Promise<Result<PromiseAnswer, PeerFailure>> {
    const { me, registry } = this.#parts;
    return this.#call(to, timeoutMs, (handlers) => {
      const answer = handlers.promise(me, ask);
      if (answer.yes) registry.promised(to);
      return ok(answer);
    });
  }

  member(of: NodeId, timeoutMs: number): Promise<Result<MemberValue, PeerFailure>> {
    return this.#call(of, timeoutMs, (handlers) => {
      const member = handlers.member();
      return member === undefined ? fail('refused', `${of} does not know itself yet.`) : ok(member);
    });
  }

  serve(handlers: PeerHandlers): void {
    this.#parts.registry.listen(this.#parts.me, this.#parts.process, handlers);
  }

  #call<T>(
    to: string,
    timeoutMs: number,
    handle: (handlers: PeerHandlers) => Result<T, PeerFailure>,
  ): Promise<Result<T, PeerFailure>> {
    const { me, process, network, registry, toWorldMs, machineRuns, random, twiceShare } = this.#parts;
    const late = (): Result<T, PeerFailure> =>
      fail('timeout', `${to} did not answer within ${timeoutMs} ms.`);
    return request(process, toWorldMs(timeoutMs), late, (reply) => {
      const target = registry.find(to);
      if (target === undefined) {
        if (!machineRuns(to) || !network.connects(me, to)) return;
        process.in(network.latency(me, to), () => reply(fail('refused', `No hamnd answers on ${to}.`)));
        return;
      }
      const deliver = (): void =>
        network.send(me, to, target.process, () => {
          const answer = handle(target.handlers);
          network.send(to, me, process, () => reply(answer));
        });
      deliver();
      if (random.chance(twiceShare())) target.process.in(random.between(0, latestCopyMs), deliver);
    });
  }
}
