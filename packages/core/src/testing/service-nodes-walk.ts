import { after, type Instant, instant } from '../brands.ts';
import { awayNodes } from '../service-nodes/keep-records.ts';
import { type Placed, serverOf } from '../service-nodes/placement.ts';
import { nodesOf, readRecords, recordsText, type ServiceNodesValue } from '../service-nodes/records.ts';
import { keepSamples, type Sample } from '../service-nodes/sample.ts';
import {
  type ClientNodeId,
  clientNodeId,
  type ServiceNodesSettings,
  serviceNodeId,
} from '../service-nodes/settings.ts';
import type { ServiceNodeWish } from '../service-nodes/wish.ts';
import { againstStart, againstTruth, type Running } from './service-nodes-checks.ts';
import { defaultServiceNodes, memberOf, namesOf } from './service-nodes-lines.ts';
import { newPrimary, type Primary } from './service-nodes-primary.ts';
import { honestRules, type ServiceNodesRules } from './service-nodes-rules.ts';
import { readWords } from './words.ts';

export const serviceNodesWalkKinds = [
  'round',
  'toggle',
  'cut',
  'look',
  'end',
  'crash',
  'depose',
  'failback',
  'wait',
] as const;

export interface WalkStep {
  readonly kind: (typeof serviceNodesWalkKinds)[number];
  readonly pick: number;
}

/** Longer than anything comes late. */
const keepMs = 600_000;
const names = ['sn1', 'sn2', 'sn3', 'sn4', 'sn5'];

/** A walk through whatever may happen to service nodes and their primary, with the promises checked at every snmove and at the end. */
export class ServiceNodesWalk {
  readonly broken: string[] = [];
  moves = 0;
  failbacks = 0;
  readonly #rules: ServiceNodesRules;
  readonly #settings: ServiceNodesSettings;
  readonly #lost = new Set<string>();
  readonly #placement = new Map<ClientNodeId, Placed>();
  readonly #home = new Map<ClientNodeId, string>();
  readonly #movedAt = new Map<ClientNodeId, number>();
  /** snmoves whose client runs, and those that xcatd goes on with alone, until a time. */
  readonly #running = new Map<string, Running>();
  readonly #late: { readonly running: Running; readonly at: number; readonly pick: number }[] = [];
  #isCut = false;
  #text: string | undefined;
  #primary = newPrimary(1);
  #now: Instant = instant(0);

  constructor(rules: Partial<ServiceNodesRules> = {}) {
    this.#rules = { ...honestRules, ...rules };
    const members = names.map((name, at) =>
      memberOf(readWords(`${name} pools=a${at === 4 ? ' capacity=3' : ''}`)),
    );
    const moves = {
      ...defaultServiceNodes.moves,
      batch: 3,
      atOnce: 2,
      soakMs: 120_000,
      failbackSoakMs: 40_000,
    };
    this.#settings = { ...defaultServiceNodes, members, moves };
    for (const [at, name] of namesOf('n1-n12').entries()) {
      const node = clientNodeId(name);
      const home = names[at % 3] ?? '';
      this.#home.set(node, home);
      this.#placement.set(node, { node, servicenode: [serviceNodeId(home)], xcatmaster: '' });
    }
  }

  step({ kind, pick }: WalkStep): void {
    const name = names[pick % names.length] ?? '';
    if (kind === 'toggle' && !this.#lost.delete(name)) this.#lost.add(name);
    if (kind === 'cut') this.#isCut = !this.#isCut;
    if (kind === 'round') for (let round = 0; round <= pick % 4; round += 1) this.#round();
    if (kind === 'wait') this.#wait((pick % 4) * 60_000);
    if (kind === 'look') this.#look(this.#primary, undefined, pick);
    if (kind === 'failback') this.#look(this.#primary, this.#someHome() ?? name, pick);
    if (kind === 'end') this.#end(pick);
    if (kind === 'crash') this.#crash(pick);
    if (kind === 'depose') this.#depose();
  }

  /** Everything ends, a primary looks at it, and what is recorded is compared with what is so. */
  finish(): void {
    this.#isCut = false;
    this.#lost.clear();
    while (this.#running.size > 0) this.#end(0);
    this.#wait(600_000);
    for (let round = 0; round < 3; round += 1) {
      this.#round();
      this.#look(this.#primary, undefined, 1);
      while (this.#running.size > 0) this.#end(0);
    }
    const read = readRecords(this.#text);
    if (!read.ok) return void this.broken.push(read.error.message);
    this.broken.push(...againstTruth(read.value, this.#placement, this.#home));
  }

  /** A service node from which nodes are away. */
  #someHome(): string | undefined {
    const read = readRecords(this.#text);
    return read.ok ? [...awayNodes(read.value).values()][0]?.home : undefined;
  }

  #wait(ms: number): void {
    this.#now = after(this.#now, ms);
    // No client outlives its limit, and xcatd ends what it was left with within another one.
    for (const [id, running] of this.#running)
      if (this.#now - running.record.begunWallMs > 2 * this.#settings.moves.limitMs) {
        this.#running.delete(id);
        this.#primary.inFlight.delete(id);
        this.#carryOut(running, this.#now / 10_000);
      }
    const due = this.#late.filter(({ at }) => at <= this.#now);
    for (const one of due) {
      this.#late.splice(this.#late.indexOf(one), 1);
      this.#carryOut(one.running, one.pick);
    }
  }

  #round(): void {
    this.#wait(10_000);
    const { judge } = this.#settings;
    const primary = this.#primary;
    const fresh = this.#settings.members.flatMap(({ name, probes }) => {
      const isFailed = this.#isCut || this.#lost.has(name);
      primary.rounds.note(name, isFailed, this.#now, judge);
      const outcome = isFailed ? 'failed' : 'ok';
      return probes.map((kind): Sample => ({ serviceNode: name, kind, at: this.#now, outcome, message: '' }));
    });
    primary.samples = keepSamples([...primary.samples, ...fresh], judge, this.#now);
    primary.judgements = this.#rules.judge(this.#settings, primary.samples, primary.judgements, this.#now);
  }

  #look(primary: Primary, failback: string | undefined, pick: number): void {
    if (primary.token !== this.#primary.token) return;
    primary.basis = this.#text;
    const read = readRecords(primary.basis);
    if (!read.ok) return void this.broken.push(read.error.message);
    const step = this.#rules.step({
      settings: this.#settings,
      judgements: primary.judgements,
      placement: this.#placement,
      records: read.value,
      wallMs: this.#now,
      now: this.#now,
      token: primary.token,
      inFlight: primary.inFlight,
      lastNumber: primary.lastNumber,
      wishes: failback === undefined ? [] : [this.#wish(failback)],
    });
    if (pick % 7 === 0) this.#overtaken(pick);
    this.#write(primary, (value) => this.#rules.late(value, this.#placement));
    this.#write(primary, (value) => this.#rules.old(value, keepMs, this.#now));
    for (const one of step.intentions) {
      if (one.kind === 'settle') {
        this.#write(primary, (value) =>
          this.#rules.ended(value, one.id, this.#placement, this.#ended(primary)),
        );
        continue;
      }
      primary.inFlight.add(one.record.id);
      primary.lastNumber = Number(one.record.id.split('.')[1]);
      const record = (): boolean =>
        this.#write(primary, (value) => {
          const begun = this.#rules.begun(value, one.record);
          return begun.ok ? begun.value : value;
        });
      if (this.#rules.recordsFirst && !record()) return void primary.inFlight.delete(one.record.id);
      // The primary may die, or be replaced, between the record and snmove.
      if (pick % 11 === 0) return this.#crash(pick);
      if (pick % 13 === 0) this.#overtaken(pick);
      if (this.#rules.asksTerm && primary.token !== this.#primary.token) return;
      this.#start(primary, { record: one.record, token: primary.token });
      if (!this.#rules.recordsFirst && pick % 3 === 0) return this.#crash(pick);
      if (!this.#rules.recordsFirst) record();
    }
  }

  #wish(home: string): ServiceNodeWish {
    return {
      id: `failback ${home}`,
      kind: 'failback',
      serviceNode: serviceNodeId(home),
      by: 'root',
      madeWallMs: this.#now,
      expiresWallMs: this.#now + 3_600_000,
    };
  }

  /** Another node takes over while this one is about to act, and has its own look before this one goes on. */
  #overtaken(pick: number): void {
    this.#depose();
    for (let round = 0; round < 4; round += 1) this.#round();
    this.#look(this.#primary, undefined, pick % 5 === 0 ? 17 : 1);
  }

  /** False: refused, because the term or the records are others. */
  #write(primary: Primary, change: (value: ServiceNodesValue) => ServiceNodesValue): boolean {
    const isRefused = primary.token !== this.#primary.token || primary.basis !== this.#text;
    if (this.#rules.compares && isRefused) return false;
    const read = readRecords(primary.basis);
    if (!read.ok) return false;
    const next = change(read.value);
    if (next !== read.value) {
      primary.basis = recordsText(next);
      this.#text = primary.basis;
    }
    return true;
  }

  #ended({ token }: Primary): { said: string; token: number; wallMs: number } {
    return { said: '', token, wallMs: this.#now };
  }

  #start({ rounds }: Primary, running: Running): void {
    const { record } = running;
    if (record.kind === 'move') this.moves += 1;
    else this.failbacks += 1;
    this.broken.push(
      ...againstStart(running, {
        settings: this.#settings,
        term: this.#primary.token,
        text: this.#text,
        placement: this.#placement,
        running: [...this.#running.values()],
        movedAt: this.#movedAt,
        rounds,
        now: this.#now,
      }),
    );
    this.#running.set(record.id, running);
  }

  /** An snmove ends, having moved all, some or none; or its client was killed, and xcatd goes on with it for a while. */
  #end(pick: number): void {
    const [id, running] = [...this.#running][pick % Math.max(1, this.#running.size)] ?? [];
    if (id === undefined || running === undefined) return;
    this.#running.delete(id);
    const primary = this.#primary;
    primary.inFlight.delete(id);
    if (pick % 5 === 4) return void this.#late.push({ running, at: this.#now + (pick % 10) * 10_000, pick });
    this.#carryOut(running, pick);
    if (running.token !== primary.token) return;
    for (const node of nodesOf(running.record))
      if (serverOf(this.#placement.get(node)) === running.record.to) this.#movedAt.set(node, this.#now);
    primary.basis = this.#text;
    this.#write(primary, (value) => this.#rules.ended(value, id, this.#placement, this.#ended(primary)));
  }

  #carryOut({ record }: Running, pick: number): void {
    for (const [at, node] of nodesOf(record).entries()) {
      if (pick % 3 === 1 && at % 2 === 1) continue;
      if (pick % 7 === 2) continue;
      this.#placement.set(node, { node, servicenode: [record.to, record.from], xcatmaster: '' });
    }
  }

  /** The primary dies. What ran got as far as it got and ended with it, or an xcatd that is not dead yet goes on for a while. */
  #crash(pick: number): void {
    for (const [at, running] of [...this.#running.values()].entries()) {
      if ((pick + at) % 2 === 0) this.#carryOut(running, at + pick);
      else this.#late.push({ running, at: this.#now + (pick % 6) * 10_000, pick: at + pick });
    }
    this.#running.clear();
    this.#depose();
  }

  /** Another node holds the term. snmoves of the one before go on. */
  #depose(): void {
    this.#primary = newPrimary(this.#primary.token + 1);
  }
}
