import { after, type Instant, instant } from '../brands.ts';
import { type Judgements, judge, noJudgements } from '../service-nodes/judge.ts';
import { awayNodes, withBegun, withEnded } from '../service-nodes/keep-records.ts';
import { type Placed, serverOf } from '../service-nodes/placement.ts';
import { type MoveRecord, nodesOf, readRecords, recordsText } from '../service-nodes/records.ts';
import { keepSamples, type Sample } from '../service-nodes/sample.ts';
import {
  type ClientNodeId,
  clientNodeId,
  type ServiceNodesSettings,
  serviceNodeId,
} from '../service-nodes/settings.ts';
import { stepServiceNodes } from '../service-nodes/step.ts';
import { defaultServiceNodes, memberOf, namesOf } from './service-nodes-lines.ts';
import { readWords } from './words.ts';

export const serviceNodesWalkKinds = ['round', 'toggle', 'look', 'end', 'crash', 'failback', 'wait'] as const;

export interface WalkStep {
  readonly kind: (typeof serviceNodesWalkKinds)[number];
  readonly pick: number;
}

const names = ['sn1', 'sn2', 'sn3', 'sn4', 'sn5'];

/** A walk through whatever may happen to service nodes and their primary, with the promises checked at every snmove. */
export class ServiceNodesWalk {
  readonly broken: string[] = [];
  moves = 0;
  failbacks = 0;
  readonly #settings: ServiceNodesSettings;
  readonly #lost = new Set<string>();
  readonly #placement = new Map<ClientNodeId, Placed>();
  readonly #movedAt = new Map<ClientNodeId, number>();
  /** snmoves that run, by record. */
  readonly #running = new Map<string, MoveRecord>();
  #samples: readonly Sample[] = [];
  #judgements: Judgements = noJudgements;
  #text: string | undefined;
  #token = 1;
  #now: Instant = instant(0);

  constructor() {
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
      this.#placement.set(node, { node, servicenode: [serviceNodeId(names[at % 3] ?? '')], xcatmaster: '' });
    }
  }

  step({ kind, pick }: WalkStep): void {
    const name = names[pick % names.length] ?? '';
    if (kind === 'toggle' && !this.#lost.delete(name)) this.#lost.add(name);
    if (kind === 'round') for (let round = 0; round <= pick % 4; round += 1) this.#round();
    if (kind === 'wait') this.#wait((pick % 4) * 60_000);
    if (kind === 'look') this.#look(undefined, pick);
    if (kind === 'failback') this.#look(this.#someHome() ?? name, pick);
    if (kind === 'end') this.#end(pick);
    if (kind === 'crash') this.#crash();
  }

  /** A service node from which nodes are away. */
  #someHome(): string | undefined {
    const read = readRecords(this.#text);
    return read.ok ? [...awayNodes(read.value).values()][0]?.home : undefined;
  }

  #wait(ms: number): void {
    this.#now = after(this.#now, ms);
  }

  #round(): void {
    this.#wait(10_000);
    const fresh = this.#settings.members.flatMap(({ name, probes }) =>
      probes.map((kind): Sample => {
        const outcome = this.#lost.has(name) ? 'failed' : 'ok';
        return { serviceNode: name, kind, at: this.#now, outcome, message: '' };
      }),
    );
    this.#samples = keepSamples([...this.#samples, ...fresh], this.#settings.judge, this.#now);
    this.#judgements = judge(this.#settings, this.#samples, this.#judgements, this.#now);
  }

  #look(failback: string | undefined, pick: number): void {
    const read = readRecords(this.#text);
    if (!read.ok) return void this.broken.push(read.error.message);
    let records = read.value;
    const step = stepServiceNodes({
      settings: this.#settings,
      judgements: this.#judgements,
      placement: this.#placement,
      records,
      wallMs: this.#now,
      now: this.#now,
      token: this.#token,
      inFlight: new Set(this.#running.keys()),
      wish:
        failback === undefined
          ? undefined
          : { kind: 'failback', serviceNode: serviceNodeId(failback), by: 'root' },
    });
    for (const one of step.intentions) {
      if (one.kind === 'settle') {
        records = withEnded(records, one.id, this.#placement, this.#ended());
        this.#text = recordsText(records);
        continue;
      }
      records = withBegun(records, one.record);
      this.#text = recordsText(records);
      // The primary may die between the record and snmove.
      if (pick % 11 === 0) return this.#crash();
      this.#check(one.record);
      this.#running.set(one.record.id, one.record);
    }
  }

  #ended(): { said: string; token: number; wallMs: number } {
    return { said: '', token: this.#token, wallMs: this.#now };
  }

  /** What must hold in the moment in which an snmove is started. */
  #check(record: MoveRecord): void {
    if (record.kind === 'move') this.moves += 1;
    else this.failbacks += 1;
    const { batch, atOnce, soakMs } = this.#settings.moves;
    const say = (what: string): void => void this.broken.push(`${record.id}: ${what}`);
    const written = readRecords(this.#text);
    const own = written.ok ? written.value.moves.find(({ id }) => id === record.id) : undefined;
    if (own?.stage !== 'begun') say('it was not recorded before it was made');
    if (this.#judgements.of.get(record.to)?.verdict !== 'up') say(`${record.to} is not up`);
    if (this.#judgements.us !== undefined) say('most seem down');
    if (record.from === record.to) say('it leads nowhere');
    if (nodesOf(record).length > batch) say('too many nodes');
    if (this.#running.size >= atOnce) say('too many at once');
    for (const node of nodesOf(record)) {
      for (const other of this.#running.values())
        if (nodesOf(other).includes(node)) say(`${node} is in ${other.id}, too`);
      const open = written.ok ? written.value.moves.filter(({ stage }) => stage === 'begun') : [];
      if (open.filter((move) => nodesOf(move).includes(node)).length > 1) say(`${node} has two records`);
      if (serverOf(this.#placement.get(node)) !== record.from) say(`${node} is not at ${record.from}`);
      if (this.#now - (this.#movedAt.get(node) ?? Number.NEGATIVE_INFINITY) < soakMs)
        say(`${node} is moved within its soak`);
    }
  }

  /** An snmove ends, having moved all, some or none; or its client was killed and nobody knows. */
  #end(pick: number): void {
    const [id, move] = [...this.#running][pick % Math.max(1, this.#running.size)] ?? [];
    if (id === undefined || move === undefined) return;
    this.#running.delete(id);
    this.#carryOut(move, pick);
    if (pick % 5 === 4) return;
    const read = readRecords(this.#text);
    if (read.ok) this.#text = recordsText(withEnded(read.value, id, this.#placement, this.#ended()));
  }

  #carryOut(move: MoveRecord, pick: number): void {
    for (const [at, node] of nodesOf(move).entries()) {
      if (pick % 3 === 1 && at % 2 === 1) continue;
      if (pick % 7 === 2) continue;
      this.#placement.set(node, { node, servicenode: [move.to, move.from], xcatmaster: '' });
      this.#movedAt.set(node, this.#now);
    }
  }

  /** The primary dies; what ran got as far as it got, and ended with it. */
  #crash(): void {
    for (const [at, move] of [...this.#running.values()].entries()) this.#carryOut(move, at + this.#token);
    this.#running.clear();
    this.#token += 1;
    this.#samples = [];
    this.#judgements = noJudgements;
  }
}
