import {
  type Judgements,
  judge,
  keepSamples,
  noJudgements,
  ok,
  type Sample,
  type ServiceNodesSettings,
} from '@hamn/core';
import { withLimit } from '../limit.ts';
import type { Cancel } from '../ports/clock.ts';
import type { ServiceNodesDeps } from './deps.ts';
import { Mover } from './mover.ts';
import { tellJudgements } from './tell-judgements.ts';
import { MoveTeller } from './tell-moves.ts';

export interface ServiceNodesOptions {
  readonly node: string;
  /** Undefined: the group has no service nodes. */
  readonly settings: () => ServiceNodesSettings | undefined;
}

/** How often a node that has nothing to do asks itself whether it has. */
const idleMs = 1000;
/** The adapter keeps the limit of a probe; this is for one that does not. */
const probeGraceMs = 2000;

/**
 * Looks after xCAT's service nodes while this node holds the term: rounds of probes, a judgement after each, and a look at what is to be
 * moved. It stands beside the loop and the term and neither ever waits for it. What it knows is of one term: a new one begins from nothing.
 */
export class ServiceNodesKeeper {
  readonly #options: ServiceNodesOptions;
  readonly #deps: ServiceNodesDeps;
  /** Of this process, whatever the term: an snmove may outlive it. */
  readonly #inFlight = new Set<string>();
  #mover: Mover | undefined;
  #samples: readonly Sample[] = [];
  #judgements: Judgements = noJudgements;
  #cancel: Cancel | undefined;
  #stopped = false;

  constructor(options: ServiceNodesOptions, deps: ServiceNodesDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  start(): void {
    this.#next(0);
  }

  /** No further act is begun. An snmove that runs comes to its end or its limit; whoever holds the term then finds its record. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#mover?.stop();
  }

  /** Looks at once: an admin has asked for something. */
  nudge(): void {
    this.#look();
  }

  #next(delayMs: number): void {
    if (this.#stopped) return;
    this.#cancel = this.#deps.clock.after(delayMs, () => {
      this.#round().then(
        (pauseMs) => this.#next(pauseMs),
        (error: unknown) => this.#broken(error),
      );
    });
  }

  /** One round of probes; the answer is when the next one is due. */
  async #round(): Promise<number> {
    const { clock, term } = this.#deps;
    const settings = this.#options.settings();
    const token = term.token();
    if (settings === undefined || token === undefined || !term.mayAct(token)) {
      this.#forget();
      return idleMs;
    }
    if (this.#mover?.token !== token) {
      this.#forget();
      this.#mover = new Mover({ token, node: this.#options.node, inFlight: this.#inFlight }, this.#deps);
    }
    const begun = clock.now();
    const fresh = await this.#probe(settings);
    if (this.#stopped || term.token() !== token) return 0;
    const now = clock.now();
    this.#samples = keepSamples([...this.#samples, ...fresh], settings.judge, now);
    const before = this.#judgements;
    this.#judgements = judge(settings, this.#samples, before, now);
    tellJudgements(before, this.#judgements, this.#deps.journal);
    this.#look();
    return Math.max(0, begun + settings.judge.everyMs - now);
  }

  async #probe({ members, judge: { limitMs } }: ServiceNodesSettings): Promise<readonly Sample[]> {
    const { clock, port } = this.#deps;
    const probed = await Promise.all(
      members
        .filter(({ isInMaintenance }) => !isInMaintenance)
        .map((member) =>
          withLimit(clock, limitMs + probeGraceMs, `The probes of ${member.name}`, async () =>
            ok(await port.probe(member, member.probes, limitMs)),
          ),
        ),
    );
    // A port that did not keep its limit says nothing about the service node.
    return probed.flatMap((one) => (one.ok ? one.value : []));
  }

  #look(): void {
    const settings = this.#options.settings();
    if (settings === undefined || this.#stopped) return;
    this.#mover?.look({ settings, samples: this.#samples, judgements: this.#judgements });
  }

  #forget(): void {
    this.#mover?.stop();
    this.#mover = undefined;
    this.#samples = [];
    this.#judgements = noJudgements;
  }

  /** Nothing here is worth the term: it rests, and says so. */
  #broken(error: unknown): void {
    this.stop();
    new MoveTeller(this.#deps.journal).broken(error);
  }
}
