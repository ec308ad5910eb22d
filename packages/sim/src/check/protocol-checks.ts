import { type LeaderValue, leaderSchema, type StateValue, type StoreTxn, stateSchema } from '@hamn/core';
import type { Commit } from '../etcd/key-space.ts';
import type { Machine } from '../machine/machine.ts';
import { simVip } from '../run/settings.ts';
import type { World } from '../run/world.ts';
import { requestIn } from './requests.ts';
import type { Report } from './violation.ts';

type Key = 'leader' | 'heartbeat' | 'state';

/** The rules of the protocol themselves: who writes what, who promises when, who gives away what. Their breach is dangerous long before it does harm. */
export class ProtocolChecks {
  readonly #world: World;
  readonly #report: Report;
  readonly #sender = new WeakMap<StoreTxn, Machine>();
  readonly #promisedAt = new Map<string, number>();
  /** Nodes of which a take may yet be committed: sent, and no claim written since. */
  readonly #unsettled = new Set<string>();
  /** How many claims each node has written, and how many it had when it sent a take: a claim kills the takes before it. */
  readonly #claims = new Map<string, number>();
  readonly #claimsAtTake = new WeakMap<StoreTxn, number>();

  constructor(world: World, report: Report) {
    this.#world = world;
    this.#report = report;
    world.etcd.keys.onCommit((commit) => this.#committed(commit));
    world.registry.onPromise((by) => this.#promised(by));
    world.signals.on((signal) => {
      if (signal.kind === 'sent') this.#sent(signal.machine, signal.txn);
      if (signal.kind === 'armed') this.#unsettled.delete(signal.machine.name);
      if (signal.kind === 'decided') this.#decided(signal.machine, signal.rule, signal.because);
      if (signal.kind === 'acknowledged') this.#acknowledged(signal.machine);
    });
  }

  #sent(machine: Machine, txn: StoreTxn): void {
    this.#sender.set(txn, machine);
    const leader = leaderOf(textPut(txn, 'leader'));
    if (leader?.kind === 'held') {
      this.#unsettled.add(machine.name);
      this.#claimsAtTake.set(txn, this.#claims.get(machine.name) ?? 0);
    } else if (leader === undefined) this.#joins(machine, stateOf(textPut(txn, 'state')));
  }

  #promised(by: string): void {
    this.#promisedAt.set(by, this.#world.now);
    if (this.#unsettled.has(by))
      this.#report('promise-unsettled', `${by} made a promise while a take of its own was not settled.`);
  }

  /** An elector is added only while its promise binds it. */
  #joins(machine: Machine, next: StateValue | undefined): void {
    const known = stateOf(this.#world.etcd.group.entries.get('state')?.value)?.electorate ?? [];
    const { now } = this.#world;
    const termMs = leaderOf(this.#world.etcd.group.entries.get('leader')?.value)?.termMs ?? 0;
    for (const node of next?.electorate ?? []) {
      if (known.includes(node) || node === machine.name) continue;
      const agoMs = now - (this.#promisedAt.get(node) ?? Number.NEGATIVE_INFINITY);
      if (agoMs > termMs)
        this.#report(
          'joined-unheard',
          `${machine.name} adds ${node}, whose last promise was ${agoMs} ms ago.`,
        );
    }
  }

  #committed(commit: Commit): void {
    for (const { name } of this.#world.machines.values()) {
      if (textPut(commit.txn, `claim/${name}`) === undefined) continue;
      this.#unsettled.delete(name);
      this.#claims.set(name, (this.#claims.get(name) ?? 0) + 1);
    }
    const sender = this.#sender.get(commit.txn);
    if (sender === undefined) return;
    const settled = this.#claimsAtTake.get(commit.txn);
    if (settled !== undefined && settled < (this.#claims.get(sender.name) ?? 0))
      this.#report('take-after-settle', `${sender.name}’s take was committed after it was settled.`);
    const next = leaderOf(textPut(commit.txn, 'leader'));
    if (next?.kind === 'released') this.#released(sender);
    const writes = (['heartbeat', 'state'] as const).find((key) => textPut(commit.txn, key) !== undefined);
    if (next === undefined && writes !== undefined) this.#written(commit, sender, writes);
  }

  /** I5: a holder's keys are written by the holder. */
  #written(commit: Commit, sender: Machine, key: Key): void {
    const leader = leaderOf(commit.before.entries.get('leader')?.value);
    if (leader?.kind === 'held' && leader.holder === sender.name) return;
    const who = leader?.kind === 'held' ? `${leader.holder} holds` : 'nobody holds';
    this.#report('not-holder-writes', `${sender.name} has written ${key} while ${who} the term.`);
  }

  /** A term is given away by a harmless node only. */
  #released(sender: Machine): void {
    const left = [
      ...(sender.server.isWritable ? ['a writable database'] : []),
      ...(sender.vips.has(simVip.address) ? ['the VIP'] : []),
      ...sender.units.running,
    ];
    if (left.length > 0)
      this.#report('released-early', `${sender.name} has released the term and has ${left.join(', ')}.`);
  }

  /** A request counts under the term that it was made under. */
  #decided(machine: Machine, rule: string, because: string): void {
    if (rule !== 'switchover-asked' || !because.includes('asked for')) return;
    const request = requestIn(this.#world.etcd.group.entries);
    const token = machine.guard.view.record?.token;
    if (request !== undefined && request.kind !== 'reinit' && request.token !== token)
      this.#report(
        'stale-request',
        `${machine.name} follows a request made under term ${request.token} in term ${token}.`,
      );
  }

  /** Mode strict never acknowledges alone. */
  #acknowledged(machine: Machine): void {
    const isStrict = this.#world.configuration.hasAlwaysBeen('strict');
    const isBegun = machine.guard.view.record !== undefined;
    if (isStrict && isBegun && machine.server.waitsFor.count === 0)
      this.#report('strict-alone', `${machine.name} acknowledges alone in mode strict.`);
  }
}

function textPut(txn: StoreTxn, key: string): string | undefined {
  for (const op of txn.ops) if ('put' in op && op.put === key) return op.value;
  return undefined;
}

function leaderOf(text: string | undefined): LeaderValue | undefined {
  return text === undefined ? undefined : leaderSchema.safeParse(JSON.parse(text)).data;
}

function stateOf(text: string | undefined): StateValue | undefined {
  return text === undefined ? undefined : stateSchema.safeParse(JSON.parse(text)).data;
}
