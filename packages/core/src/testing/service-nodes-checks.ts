import { awayNodes } from '../service-nodes/keep-records.ts';
import { type Placement, serverOf } from '../service-nodes/placement.ts';
import { type MoveRecord, nodesOf, readRecords, type ServiceNodesValue } from '../service-nodes/records.ts';
import type { ClientNodeId, JudgeSettings, ServiceNodesSettings } from '../service-nodes/settings.ts';

/** An snmove that was started, and under which term. */
export interface Running {
  readonly record: MoveRecord;
  readonly token: number;
}

/** What one primary's rounds showed, counted by itself and not by the code that is tested. */
export class RoundsWitness {
  readonly #failed = new Map<string, boolean[]>();
  readonly #goodSince = new Map<string, number>();
  readonly #wasDown = new Set<string>();

  note(name: string, isFailed: boolean, now: number, { failures, samples }: JudgeSettings): void {
    const last = [...(this.#failed.get(name) ?? []), isFailed].slice(-samples);
    this.#failed.set(name, last);
    if (last.filter(Boolean).length >= failures) this.#wasDown.add(name);
    if (isFailed) this.#goodSince.delete(name);
    else if (!this.#goodSince.has(name)) this.#goodSince.set(name, now);
  }

  /** Whether N of M rounds failed at some time. */
  wasDown(name: string): boolean {
    return this.#wasDown.has(name);
  }

  goodSince(name: string): number | undefined {
    return this.#goodSince.get(name);
  }

  get failedLast(): number {
    return [...this.#failed.values()].filter((last) => last.at(-1) === true).length;
  }
}

/** What is truly so. */
export interface Truth {
  readonly settings: ServiceNodesSettings;
  /** The token of the term. */
  readonly term: number;
  /** The key. */
  readonly text: string | undefined;
  readonly placement: Placement;
  readonly running: readonly Running[];
  /** By moves whose end was seen. */
  readonly movedAt: ReadonlyMap<ClientNodeId, number>;
  readonly rounds: RoundsWitness;
  readonly now: number;
}

/** What must hold in the moment in which an snmove is started. None of it asks the code that is tested. */
export function againstStart({ record, token }: Running, truth: Truth): readonly string[] {
  const { settings, text, running, now } = truth;
  const { batch, atOnce } = settings.moves;
  const broken: string[] = [];
  const say = (what: string): void => void broken.push(`${record.id}: ${what}`);
  if (token !== truth.term) say('who starts it is not primary');
  const written = readRecords(text);
  const open = written.ok ? written.value.moves.filter(({ stage }) => stage === 'begun') : [];
  if (!open.some(({ id }) => id === record.id)) say('it was not recorded before it was made');
  if (record.from === record.to) say('it leads nowhere');
  if (nodesOf(record).length > batch) say('too many nodes');
  const own = running.filter((other) => other.token === token);
  if (own.length >= atOnce) say('too many at once');
  broken.push(...againstServiceNodes(record, truth).map((what) => `${record.id}: ${what}`));
  for (const node of nodesOf(record)) {
    for (const other of own)
      if (nodesOf(other.record).includes(node)) say(`${node} is in ${other.record.id}, too`);
    if (open.filter((move) => nodesOf(move).includes(node)).length > 1) say(`${node} has two records`);
    if (serverOf(truth.placement.get(node)) !== record.from) say(`${node} is not at ${record.from}`);
    if (now - (truth.movedAt.get(node) ?? Number.NEGATIVE_INFINITY) < settings.moves.soakMs)
      say(`${node} is moved within its soak`);
  }
  return broken;
}

function againstServiceNodes({ kind, from, to }: MoveRecord, truth: Truth): readonly string[] {
  const { settings, rounds, now } = truth;
  const broken: string[] = [];
  if (rounds.failedLast > settings.judge.most * settings.members.length) broken.push('most seem down');
  if (kind === 'move' && !rounds.wasDown(from)) broken.push(`${from} was not down for long`);
  const since = rounds.goodSince(to);
  if (since === undefined) broken.push(`${to} did not answer in the last round`);
  const goodMs = now - (since ?? now);
  if (kind === 'failback' && goodMs < settings.moves.failbackSoakMs)
    broken.push(`a node goes back to ${to} which is up for ${goodMs} ms only`);
  return broken;
}

/** At the end: for each node that is not where the admin had it the records know where that was. */
export function againstTruth(
  records: ServiceNodesValue,
  placement: Placement,
  homes: ReadonlyMap<ClientNodeId, string>,
): readonly string[] {
  const away = awayNodes(records);
  const broken: string[] = [];
  for (const { stage, id } of records.moves)
    if (stage === 'begun') broken.push(`${id} is open, though all is over`);
  for (const [node, home] of homes) {
    const is = serverOf(placement.get(node));
    const recorded = away.get(node);
    if (is !== home && recorded?.home !== home)
      broken.push(`${node} is at ${is} and has no record of its home ${home}`);
    if (is === home && recorded !== undefined) broken.push(`${node} is recorded as away and is at home`);
  }
  return broken;
}
