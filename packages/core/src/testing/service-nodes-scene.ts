import { after, type Instant, instant } from '../brands.ts';
import { type Judgements, judge, noJudgements } from '../service-nodes/judge.ts';
import { type MoveEnd, withBegun, withEnded } from '../service-nodes/keep-records.ts';
import type { Placed } from '../service-nodes/placement.ts';
import {
  nodesOf,
  noRecords,
  readRecords,
  recordsText,
  type ServiceNodesValue,
} from '../service-nodes/records.ts';
import { keepSamples, type Sample } from '../service-nodes/sample.ts';
import {
  type ClientNodeId,
  clientNodeId,
  type ServiceNodesSettings,
  serviceNodeId,
} from '../service-nodes/settings.ts';
import { stepServiceNodes } from '../service-nodes/step.ts';
import type { ServiceNodeWish } from '../service-nodes/wish.ts';
import type { Block } from './datadriven.ts';
import { defaultServiceNodes, memberOf, namesOf, withSettings } from './service-nodes-lines.ts';
import { batchText, intentionText, recordText } from './service-nodes-text.ts';
import { listOf, numberOf, readWords, unknownWord, type Words, wordAt } from './words.ts';

/** Service nodes, their nodes, a clock and the key `serviceNodes`, driven by the lines of a scenario. */
export class ServiceNodesScene {
  #settings: ServiceNodesSettings = defaultServiceNodes;
  #samples: readonly Sample[] = [];
  #judgements: Judgements = noJudgements;
  readonly #placement = new Map<ClientNodeId, Placed>();
  #records: ServiceNodesValue = noRecords;
  readonly #inFlight = new Set<string>();
  #token = 10;
  #now: Instant = instant(0);
  #wallMs = 1_000_000;

  run({ command, input }: Block): readonly string[] {
    const words = readWords(command);
    const lines = input.map(readWords);
    switch (words.plain[0]) {
      case 'settings':
        this.#settings = withSettings(this.#settings, words);
        return ['ok'];
      case 'service-nodes':
        this.#settings = { ...this.#settings, members: lines.map(memberOf) };
        return ['ok'];
      case 'nodes':
        for (const line of lines) this.#place(line);
        return [`${this.#placement.size} nodes`];
      case 'rounds':
        return this.#rounds(Number(wordAt(words, 1)), lines);
      case 'wait':
        return this.#pass(Number(wordAt(words, 1)) * 1000);
      case 'wall':
        this.#wallMs += Number(wordAt(words, 1)) * 1000;
        return ['ok'];
      case 'look':
      case 'begin':
        return this.#look(words);
      case 'end':
        return this.#end(words);
      case 'new-primary':
        return this.#newPrimary(numberOf(words, 'token', this.#token + 1));
      case 'records':
        return this.#records.moves.map(recordText);
      case 'damage':
        return this.#damage(wordAt(words, 1));
      default:
        return unknownWord(words);
    }
  }

  #place(line: Words): void {
    for (const name of namesOf(wordAt(line, 0))) {
      const node = clientNodeId(name);
      const servicenode = listOf(wordAt(line, 1)).map(serviceNodeId);
      const xcatmaster = line.named.get('master') ?? '';
      this.#placement.set(node, { node, servicenode, xcatmaster });
    }
  }

  /** So many rounds of probes; each line names what fails: `sn1 ping,xcatd`, or `sn1 all`. */
  #rounds(count: number, lines: readonly Words[]): readonly string[] {
    const failing = new Map(lines.map((line) => [wordAt(line, 0), wordAt(line, 1)]));
    for (let round = 0; round < count; round += 1) {
      this.#pass(this.#settings.judge.everyMs);
      const fresh = this.#settings.members.flatMap(({ name, probes }) =>
        probes.map((kind): Sample => {
          const what = failing.get(name) ?? '-';
          const isUnmade = what === 'unmade';
          const isBad = what === 'all' || listOf(what).includes(kind);
          const outcome = isUnmade ? 'unmade' : isBad ? 'failed' : 'ok';
          return { serviceNode: name, kind, at: this.#now, outcome, message: '' };
        }),
      );
      this.#samples = keepSamples([...this.#samples, ...fresh], this.#settings.judge, this.#now);
      this.#judgements = judge(this.#settings, this.#samples, this.#judgements, this.#now);
    }
    const said = [...this.#judgements.of.values()].map(
      ({ name, verdict, since, because, isFlapping }) =>
        `${name} ${verdict} since ${since / 1000}s${isFlapping ? ', flapping' : ''}: ${because}`,
    );
    return [...said, this.#judgements.us ?? ''];
  }

  #pass(ms: number): readonly string[] {
    this.#now = after(this.#now, ms);
    this.#wallMs += ms;
    return ['ok'];
  }

  /** `look` only says what is to be done; `begin` writes the records and begins it. */
  #look(words: Words): readonly string[] {
    const step = stepServiceNodes({
      settings: this.#settings,
      judgements: this.#judgements,
      placement: this.#placement,
      records: this.#records,
      wallMs: this.#wallMs,
      now: this.#now,
      token: this.#token,
      inFlight: this.#inFlight,
      lastNumber: 0,
      wishes: wishesOf(words, this.#wallMs),
    });
    if (words.plain[0] === 'begin') {
      for (const one of step.intentions) {
        if (one.kind === 'settle') {
          this.#records = withEnded(this.#records, one.id, this.#placement, this.#ended('Read back.'));
          continue;
        }
        const begun = withBegun(this.#records, one.record);
        if (!begun.ok) throw new Error(begun.error.message);
        this.#records = begun.value;
        this.#inFlight.add(one.record.id);
      }
    }
    return [
      ...step.because,
      ...step.intentions.map(intentionText),
      ...step.proposed.map((batch) => `proposed ${batchText(batch)}`),
      ...step.wishEnds.map(({ message }) => `ends: ${message}`),
    ];
  }

  /** snmove of a record ended: `moved=n1,n2`, `moved=-`; all of them where it is not said. `unknown`: it did not end in time. */
  #end(words: Words): readonly string[] {
    const id = wordAt(words, 1);
    const move = this.#records.moves.find((one) => one.id === id);
    if (move === undefined) throw new Error(`There is no move ${id}.`);
    const text = words.named.get('moved');
    for (const node of text === undefined ? nodesOf(move) : listOf(text).flatMap(namesOf).map(clientNodeId)) {
      const placed = this.#placement.get(node);
      const others = (placed?.servicenode ?? []).filter((name) => name !== move.to);
      this.#placement.set(node, { node, servicenode: [move.to, ...others], xcatmaster: '' });
    }
    this.#inFlight.delete(id);
    if (words.plain.includes('unknown')) return [`${id} is still begun`];
    this.#records = withEnded(this.#records, id, this.#placement, this.#ended(''));
    return [this.#records.moves.find((one) => one.id === id)?.message ?? ''];
  }

  #ended(said: string): MoveEnd {
    return { said, token: this.#token, wallMs: this.#wallMs };
  }

  /** Another node took over: its memory and its boot clock are its own; the key and the tables are the same. */
  #newPrimary(token: number): readonly string[] {
    this.#token = token;
    this.#inFlight.clear();
    this.#samples = [];
    this.#judgements = noJudgements;
    this.#now = instant(500_000);
    const read = readRecords(recordsText(this.#records));
    if (!read.ok) return [read.error.message];
    this.#records = read.value;
    return ['ok'];
  }

  /** One record of the key becomes unreadable. */
  #damage(id: string): readonly string[] {
    const text = recordsText(this.#records).replace(`"id":"${id}"`, '"id":7');
    const read = readRecords(text);
    if (!read.ok) return [read.error.message];
    this.#records = read.value;
    return [`${read.value.moves.length} records, ${read.value.damaged.length} damaged`];
  }
}

/** `wish=failback:sn1`, `wish=failback:sn1:force`, `wish=move:sn1` or `wish=move:sn1:sn2`; several are separated by commas. */
function wishesOf(words: Words, wallMs: number): readonly ServiceNodeWish[] {
  return listOf(words.named.get('wish') ?? '').flatMap((text): readonly ServiceNodeWish[] => {
    const [kind, name = '', more] = text.split(':');
    if (kind !== 'failback' && kind !== 'move') return [];
    return [
      {
        id: text,
        kind,
        serviceNode: serviceNodeId(name),
        ...(more === 'force' ? { force: true } : more === undefined ? {} : { to: serviceNodeId(more) }),
        by: 'root',
        madeWallMs: wallMs,
        expiresWallMs: wallMs + 3_600_000,
      },
    ];
  });
}
