import { fencingToken, type Instant, instant, nodeId, nonce, revision } from '../brands.ts';
import type { TxnOutcome } from '../group/store.ts';
import { presentValue, readGroup } from '../group/view.ts';
import type { TermEffect, TermEvent } from '../term/events.ts';
import { Term } from '../term/term.ts';
import { type ProfileName, profiles, type Timings } from '../timings.ts';
import type { Block } from './datadriven.ts';
import { MiniEtcd } from './mini-etcd.ts';
import { type GuardEffect, MiniGuard } from './mini-guard.ts';
import { etcdLine, nodesOf, stateValue } from './term-lines.ts';
import { changedFacts, effectText, viewFacts } from './term-text.ts';
import { numberOf, readWords, toNumber, unknownWord, type Words, wordAt } from './words.ts';

type Transact = Extract<TermEffect, { kind: 'transact' }>;
type Ask = Extract<TermEffect, { kind: 'ask' }>;

const timingsIn = (words: Words): Timings =>
  profiles[(words.named.get('profile') ?? 'default') as ProfileName];

/** More ticks than this in one step mean a loop without end. */
const mostTicks = 200;

/**
 * One node's Term between an etcd, a guard and other nodes that do what the scenario says. A command `@1200 …` lets the node live until
 * 1200 first, with a tick whenever one is due; `@1200 frozen` lets the time pass without any, and a command without a time comes next.
 */
export class TermScene {
  #now: Instant = instant(0);
  #etcd = new MiniEtcd();
  #guard = new MiniGuard();
  #term: Term;
  #options: ConstructorParameters<typeof Term>[0];
  /** Whether the guard answers at once, or when the scenario says so. */
  #isGuardPrompt = true;
  #transactions = new Map<number, Transact>();
  /** What etcd answered while nobody listened. */
  #unheard = new Map<number, TxnOutcome>();
  #asks = new Map<string, Ask>();
  #guardAsks: GuardEffect[] = [];
  #facts: ReadonlyMap<string, string> = new Map();
  #hasStarted = false;
  #out: string[] = [];

  constructor() {
    this.#options = { me: nodeId('mn1'), timings: profiles.default, witness: false };
    this.#term = new Term(this.#options);
  }

  run(block: Block): readonly string[] {
    this.#out = [];
    const timed = /^@(\S+)\s+(.*)$/.exec(block.command);
    const words = readWords(timed?.[2] ?? block.command);
    if (timed !== null) this.#until(toNumber(timed[1] ?? '', block.command), words.plain[0] === 'frozen');
    this.#command(words, block.input);
    this.#showFacts();
    return this.#out.length === 0 ? ['nothing'] : this.#out;
  }

  #until(ms: number, isFrozen: boolean): void {
    if (ms < this.#now) throw new Error(`time does not go back from ${this.#now} to ${ms}.`);
    for (let ticks = 0; this.#hasStarted && !isFrozen && this.#term.wakeAt() <= ms; ticks += 1) {
      if (ticks > mostTicks) throw new Error('the node ticks without end.');
      this.#now = instant(Math.max(this.#now, this.#term.wakeAt()));
      this.#feed({ kind: 'tick', now: this.#now }, `@${this.#now} `);
    }
    this.#now = instant(ms);
  }

  #feed(event: TermEvent, prefix = ''): void {
    for (const effect of this.#term.step(event)) {
      this.#out.push(prefix + effectText(effect));
      if (effect.kind === 'transact') this.#transactions.set(effect.id, effect);
      if (effect.kind === 'ask') this.#asks.set(effect.to, effect);
      if (effect.kind !== 'arm' && effect.kind !== 'extend') continue;
      if (this.#isGuardPrompt) this.#feed(this.#guard.answer(effect, this.#now), prefix);
      else this.#guardAsks.push(effect);
    }
    if (prefix !== '') this.#showFacts();
  }

  #showFacts(): void {
    const facts = viewFacts(this.#term, this.#now);
    this.#out.push(...changedFacts(this.#facts, facts));
    this.#facts = facts;
  }

  #command(words: Words, input: readonly string[]): void {
    const now = this.#now;
    switch (wordAt(words, 0)) {
      case 'node':
        return this.#newNode(words);
      case 'wait':
      case 'frozen':
        return;
      case 'etcd':
        return this.#writeEtcd(words, input);
      case 'settings':
        return this.#newSettings(words);
      case 'restart':
        return this.#restart();
      case 'reboot':
        this.#guard.reboot();
        return this.#restart();
      case 'start':
        this.#hasStarted = true;
        return this.#feed({ kind: 'start', now, resume: this.#guard.resumable(now) });
      case 'read':
      case 'watch':
        return this.#receive(words);
      case 'answer':
      case 'arrives':
      case 'hears':
      case 'unknown':
        return this.#transaction(words);
      case 'yes':
      case 'no':
        return this.#promised(words);
      case 'guard':
        return this.#guardCommand(words);
      case 'demoted':
        return this.#demoted(words);
      default:
        return this.#wish(words);
    }
  }

  /** `node mn2 [witness] [profile=fast] [guard=slow]` */
  #newNode(words: Words): void {
    const timings = timingsIn(words);
    this.#options = { me: nodeId(wordAt(words, 1)), timings, witness: words.plain.includes('witness') };
    this.#isGuardPrompt = words.named.get('guard') !== 'slow';
    this.#etcd = new MiniEtcd();
    this.#guard = new MiniGuard();
    this.#now = instant(0);
    this.#restart();
  }

  /** `settings profile=fast`: what the next process starts with. */
  #newSettings(words: Words): void {
    this.#options = { ...this.#options, timings: timingsIn(words) };
  }

  #restart(): void {
    this.#term = new Term(this.#options);
    this.#transactions = new Map();
    this.#asks = new Map();
    this.#guardAsks = [];
    this.#facts = new Map();
    this.#hasStarted = false;
  }

  #writeEtcd(words: Words, input: readonly string[]): void {
    const cluster = words.named.get('cluster');
    if (cluster !== undefined) this.#etcd.clusterId = cluster;
    const gone = words.named.get('remove');
    if (gone === 'leader') this.#etcd.remove('leader');
    const at = words.named.get('revision');
    if (input.length > 0)
      this.#etcd.put(input.map(etcdLine), at === undefined ? undefined : toNumber(at, words.line));
    this.#out.push(`etcd is at revision ${this.#etcd.group().revision}`);
  }

  #receive(words: Words): void {
    if (words.plain[1] === 'fails') return this.#feed({ kind: 'read-failed', now: this.#now });
    const linearizable = wordAt(words, 0) === 'read';
    const from = words.named.get('went-back-from');
    const wentBackFrom = from === undefined ? undefined : revision(toNumber(from, words.line));
    const view = readGroup({ ...this.#etcd.group(), wentBackFrom });
    this.#feed({ kind: 'group', now: this.#now, view, linearizable });
  }

  /** By its number, or the newest of a purpose. */
  #sent(which: string): Transact {
    const ofPurpose = [...this.#transactions.values()].filter((effect) => effect.purpose === which);
    const effect = ofPurpose.at(-1) ?? this.#transactions.get(Number(which));
    if (effect === undefined) throw new Error(`no transaction '${which}' was sent.`);
    return effect;
  }

  /**
   * `answer take`: etcd carries it out and answers. `arrives`: it carries it out, nobody hears it yet; `hears 7`: the answer to what arrived comes.
   * `unknown`: the node gets no answer.
   */
  #transaction(words: Words): void {
    const verb = wordAt(words, 0);
    const effect = this.#sent(wordAt(words, 1));
    const outcome = this.#outcomeOf(verb, effect);
    const at = outcome.kind === 'unknown' ? '' : ` at revision ${outcome.revision}`;
    this.#out.push(`${effect.purpose} ${outcome.kind}${at}`);
    if (verb === 'arrives') return void this.#unheard.set(effect.id, outcome);
    const view = effect.purpose === 'settle' && outcome.kind === 'committed' ? readGroup(outcome) : undefined;
    const { purpose, id, sentAt } = effect;
    this.#feed({ kind: 'outcome', now: this.#now, purpose, id, sentAt, outcome, view });
  }

  #outcomeOf(verb: string, effect: Transact): TxnOutcome {
    if (verb === 'unknown') return { kind: 'unknown', reason: 'no answer in time' };
    return (verb === 'hears' ? this.#unheard.get(effect.id) : undefined) ?? this.#etcd.transact(effect.txn);
  }

  #promised(words: Words): void {
    const from = nodeId(wordAt(words, 1));
    const round = nonce(words.named.get('round') ?? this.#asks.get(from)?.round ?? 'none');
    this.#feed({ kind: 'promise', now: this.#now, from, round, yes: words.plain[0] === 'yes' });
  }

  #guardCommand(words: Words): void {
    const effect = this.#guardAsks.shift();
    if (effect === undefined) throw new Error('the guard was asked nothing.');
    const word = wordAt(words, 1);
    const event =
      word === 'answers'
        ? this.#guard.answer(effect, this.#now)
        : this.#guard.refusal(effect, this.#now, word);
    this.#feed(event);
  }

  #demoted(words: Words): void {
    const verified = words.plain[1] !== 'unverified';
    if (verified) this.#guard.harmless();
    this.#feed({ kind: 'demoted', now: this.#now, verified });
  }

  /** What the rules want, and the questions that others ask. */
  #wish(words: Words): void {
    const now = this.#now;
    switch (wordAt(words, 0)) {
      case 'take':
        return this.#take(words);
      case 'may-take':
        return void this.#judge();
      case 'may-act': {
        const may = this.#term.mayAct(toNumber(wordAt(words, 1), words.line), now);
        return void this.#out.push(may ? 'yes' : 'no');
      }
      case 'asked':
        return this.#asked(words);
      case 'release':
        this.#guard.harmless();
        return this.#feed({ kind: 'release', now, to: nodeId(wordAt(words, 1)) });
      case 'write-state':
        return this.#feed({ kind: 'write-state', now, next: stateValue(words) });
      case 'invite':
        return this.#feed({ kind: 'invite', now, nodes: nodesOf(wordAt(words, 1)) });
      default:
        return unknownWord(words);
    }
  }

  #judge(): boolean {
    const verdict = this.#term.judgeTake(this.#guard.view(), this.#now);
    this.#out.push(`${verdict.may ? `yes, ${verdict.why}` : 'no'}: ${verdict.because}`);
    return verdict.may;
  }

  /** `take b`: as the rules would, from the newest view, and only when the protocol allows it. */
  #take(words: Words): void {
    const { group, seen } = this.#term.view(this.#now);
    const state = group === undefined ? undefined : presentValue(group.state);
    if (!this.#judge() || seen === undefined || state === undefined || group?.state.kind !== 'present')
      return;
    const basis = {
      leader: revision(seen.leader),
      heartbeat: revision(seen.heartbeat),
      state: group.state.mod,
    };
    const { me } = this.#options;
    const electorate = state.electorate.includes(me) ? state.electorate : [...state.electorate, me];
    const next = { ...state, electorate, synchronous: [me] };
    this.#feed({ kind: 'take', now: this.#now, nonce: nonce(wordAt(words, 1)), basis, state: next });
  }

  /** `asked mn1 token=10 [T=3000] [invitation]` */
  #asked(words: Words): void {
    const ask = {
      from: nodeId(wordAt(words, 1)),
      token: fencingToken(numberOf(words, 'token', 0)),
      termMs: numberOf(words, 'T', 3000),
      invitation: words.plain.includes('invitation'),
    };
    const verdict = this.#term.promise(ask, this.#now);
    this.#out.push(verdict.yes ? 'yes' : `no: ${verdict.reason}`);
  }
}
