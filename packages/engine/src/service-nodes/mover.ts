import {
  type Judgements,
  type MoveRecord,
  numberOfMove,
  ok,
  type Placement,
  type Sample,
  type ServiceNodeIntention,
  type ServiceNodeStep,
  type ServiceNodesKeys,
  type ServiceNodesSettings,
  type ServiceNodesValue,
  stepServiceNodes,
  viewOfServiceNodes,
  viewText,
  withLate,
  withoutOld,
} from '@hamn/core';
import type { ServiceNodesDeps } from './deps.ts';
import { carryOutMove, endMove, type MoveDeps, recordMove } from './move-batch.ts';
import { RecordsStore } from './records-store.ts';
import { Tables, tablesMs } from './tables.ts';
import { MoveTeller } from './tell-moves.ts';

export interface LookInput {
  readonly settings: ServiceNodesSettings;
  readonly samples: readonly Sample[];
  readonly judgements: Judgements;
}

export interface MoverOptions {
  readonly token: number;
  readonly node: string;
  /** Moves that this process works on, those of an earlier term of its own included. */
  readonly inFlight: Set<string>;
}

type Read = ServiceNodesKeys & { readonly value: ServiceNodesValue };

/** A service node that stays down has nothing to move most of the time. */
const downTablesMs = 60_000;
const steadyTablesMs = 300_000;
/** Those who ask see that the primary still looks. */
const tellEveryMs = 60_000;
const keepRecordsMs = 30 * 86_400_000;

/** Looks at what is to be moved, and moves it, under one term. One look at a time; snmoves go on beside it. */
export class Mover {
  readonly #options: MoverOptions;
  readonly #deps: ServiceNodesDeps;
  readonly #records: RecordsStore;
  readonly #tables: Tables;
  readonly #teller: MoveTeller;
  #latest: LookInput | undefined;
  #lastNumber = 0;
  #told = { text: '', at: Number.NEGATIVE_INFINITY };
  #running = false;
  #again = false;
  #stopped = false;

  constructor(options: MoverOptions, deps: ServiceNodesDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#records = new RecordsStore(deps.store, options.token);
    this.#tables = new Tables(deps);
    this.#teller = new MoveTeller(deps.journal);
  }

  get token(): number {
    return this.#options.token;
  }

  stop(): void {
    this.#stopped = true;
  }

  look(input: LookInput): void {
    this.#latest = input;
    this.#lookAgain();
  }

  #lookAgain(): void {
    if (this.#stopped || this.#latest === undefined) return;
    this.#again = this.#running;
    if (this.#running) return;
    this.#running = true;
    this.#look(this.#latest)
      .catch((error: unknown) => {
        // Nothing here is worth the term: whoever looks after service nodes rests, and says so.
        this.#stopped = true;
        this.#teller.broken(error);
      })
      .finally(() => {
        this.#running = false;
        if (this.#again) this.#lookAgain();
      });
  }

  async #look(input: LookInput): Promise<void> {
    const read = await this.#records.read();
    if (!read.ok) {
      this.#teller.trouble(read.error.message);
      if (read.error.code !== 'not-holder') await this.#tell(input, undefined, undefined, read.error.message);
      return;
    }
    const wanted = this.#needsTables(input, read.value) ? await this.#tables.refresh() : undefined;
    if (wanted?.ok === false) return this.#withoutTables(input, read.value, wanted.error.message);
    const placement = this.#tables.placement;
    if (placement === undefined) return;
    const isFresh = wanted !== undefined;
    const step = this.#step(input, read.value, placement);
    if (!isFresh && (step.intentions.length > 0 || step.proposed.length > 0)) {
      const again = await this.#tables.refresh();
      if (!again.ok) return this.#withoutTables(input, read.value, again.error.message);
      return this.#follow(input, read.value, again.value, this.#step(input, read.value, again.value));
    }
    return this.#follow(input, read.value, placement, step);
  }

  #needsTables({ judgements }: LookInput, { value, wishes }: Read): boolean {
    if (wishes.length > 0 || value.moves.some(({ stage }) => stage === 'begun')) return true;
    const isDown = [...judgements.of.values()].some(({ verdict }) => verdict === 'down');
    return this.#tables.isOlderThan(isDown ? downTablesMs : steadyTablesMs);
  }

  #step({ settings, judgements }: LookInput, read: Read, placement: Placement): ServiceNodeStep {
    return stepServiceNodes({
      settings,
      judgements,
      placement,
      records: read.value,
      wallMs: this.#deps.clock.wallMs(),
      now: this.#deps.clock.now(),
      token: this.token,
      inFlight: this.#options.inFlight,
      lastNumber: this.#lastNumber,
      wishes: read.wishes.map(({ wish }) => wish),
    });
  }

  async #withoutTables(input: LookInput, read: Read, why: string): Promise<void> {
    const trouble = `xCAT's tables could not be read, so nothing is moved: ${why}`;
    this.#teller.trouble(trouble);
    await this.#tell(input, read.value, undefined, trouble);
  }

  async #follow(input: LookInput, read: Read, placement: Placement, step: ServiceNodeStep): Promise<void> {
    this.#teller.trouble(undefined);
    this.#teller.proposed(step.proposed);
    await this.#tidy(placement);
    for (const intention of step.intentions)
      if (!(await this.#carryOut(intention, placement, input.settings))) break;
    for (const { wish, message } of step.wishEnds) {
      const mod = read.wishes.find((one) => one.wish === wish)?.mod;
      if (mod !== undefined && (await this.#records.removeWish(wish, mod)))
        this.#teller.wishEnded(wish, message);
    }
    const now = await this.#records.update(ok);
    await this.#tell(input, now.ok ? now.value : read.value, step, undefined);
  }

  /** Late arrivals become known, and old records go. */
  async #tidy(placement: Placement): Promise<void> {
    const wallMs = this.#deps.clock.wallMs();
    await this.#records.update((value) => ok(withoutOld(withLate(value, placement), keepRecordsMs, wallMs)));
  }

  /** False: what follows in this look is based on what is not so. */
  async #carryOut(
    intention: ServiceNodeIntention,
    placement: Placement,
    settings: ServiceNodesSettings,
  ): Promise<boolean> {
    const deps = this.#moveDeps();
    if (!deps.permit()) return false;
    if (intention.kind === 'settle') {
      const ended = await endMove(intention.id, this.token, placement, 'Read back.', deps);
      if (ended.ok) this.#teller.ended(ended.value);
      return ended.ok;
    }
    const { record, xcatmaster } = intention;
    const { inFlight } = this.#options;
    this.#lastNumber = Math.max(this.#lastNumber, numberOfMove(record));
    // Before its record is written: no look may take it for one that nobody works on.
    inFlight.add(record.id);
    const recorded = await recordMove(record, deps);
    if (!recorded.ok) {
      inFlight.delete(record.id);
      this.#teller.notBegun(recorded.error.message);
      return false;
    }
    this.#teller.begun(record);
    this.#run(record, xcatmaster, settings, deps);
    return true;
  }

  #run(
    record: MoveRecord,
    xcatmaster: string | undefined,
    { moves }: ServiceNodesSettings,
    deps: MoveDeps,
  ): void {
    const limits = { moveMs: moves.limitMs, tablesMs, databaseOnly: moves.databaseOnly };
    const over = (): void => {
      this.#options.inFlight.delete(record.id);
      this.#lookAgain();
    };
    carryOutMove(record, xcatmaster, limits, deps).then(
      (done) => {
        if (done.ok) this.#teller.ended(done.value);
        else this.#teller.open(record, done.error.message);
        over();
      },
      (error: unknown) => {
        this.#teller.open(record, `It failed: ${String(error)}`);
        over();
      },
    );
  }

  #moveDeps(): MoveDeps {
    const { port, clock, term } = this.#deps;
    return {
      port,
      clock,
      update: (change) => this.#records.update(change),
      permit: () => term.mayAct(this.token),
    };
  }

  async #tell(
    { settings, samples, judgements }: LookInput,
    records: ServiceNodesValue | undefined,
    step: ServiceNodeStep | undefined,
    trouble: string | undefined,
  ): Promise<void> {
    const { clock } = this.#deps;
    const now = clock.now();
    const view = viewOfServiceNodes({
      settings,
      node: this.#options.node,
      token: this.token,
      samples,
      judgements,
      placement: this.#tables.placement,
      records,
      proposed: step?.proposed ?? [],
      because: step?.because ?? [],
      trouble,
      now,
      wallMs: clock.wallMs(),
    });
    const text = viewText(view);
    if (text === this.#told.text && now < this.#told.at + tellEveryMs) return;
    if (await this.#records.tell(view)) this.#told = { text, at: now };
  }
}
