import {
  fail,
  ok,
  type RawGroup,
  type Result,
  type Revision,
  readServiceNodes,
  recordsText,
  revision,
  type ServiceNodesKeys,
  type ServiceNodesValue,
  type ServiceNodesView,
  type ServiceNodeWish,
  type StoreOp,
  type StoreTxn,
  type TxnOutcome,
  wishKey,
} from '@hamn/core';
import type { StorePort } from '../ports/store.ts';

/** `not-holder`: the term is another one. `unreadable`: the records cannot be read, and are not written over. `not-written`: it was not, or nobody knows. */
export type RecordsFailure = 'not-holder' | 'unreadable' | 'unreachable' | 'not-written';

const limitMs = 4000;

/** What the records were read as, and the revision that a write of theirs compares with. */
interface Basis {
  readonly value: ServiceNodesValue;
  readonly mod: Revision;
}

/**
 * The key `serviceNodes` and its neighbours under one term. Every write is a HOLD: it happens only while `leader` is what it was when this term
 * began, by revision and text, and while the records are those that the change was made from. Writes go one after the other.
 */
export class RecordsStore {
  readonly #store: StorePort;
  readonly #token: number;
  /** `leader` as this term has it; undefined before it was read. */
  #leader: string | undefined;
  #basis: Basis | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(store: StorePort, token: number) {
    this.#store = store;
    this.#token = token;
  }

  /** A linearizable read of all that the group's keys hold of service nodes. */
  read(): Promise<Result<ServiceNodesKeys & { readonly value: ServiceNodesValue }, RecordsFailure>> {
    return this.#inTurn(() => this.#read());
  }

  /** `change` may refuse; it may be called with newer records than the caller has seen. */
  update(
    change: (value: ServiceNodesValue) => Result<ServiceNodesValue>,
  ): Promise<Result<ServiceNodesValue, RecordsFailure>> {
    return this.#inTurn(() => this.#update(change));
  }

  /** Written for those who ask; it is no harm when it fails. */
  tell(view: ServiceNodesView): Promise<boolean> {
    return this.#inTurn(async () => {
      const put: StoreOp = { put: 'serviceNodesView', value: JSON.stringify(view) };
      return (await this.#transact([put])).kind === 'committed';
    });
  }

  /** A wish that has ended goes, unless it was replaced meanwhile. */
  removeWish(wish: ServiceNodeWish, mod: Revision): Promise<boolean> {
    return this.#inTurn(async () => {
      const key = wishKey(wish.serviceNode);
      return (await this.#transact([{ delete: key }], [{ key, mod }])).kind === 'committed';
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #read(): Promise<Result<ServiceNodesKeys & { readonly value: ServiceNodesValue }, RecordsFailure>> {
    this.#basis = undefined;
    const raw = await this.#store.read(limitMs);
    if (!raw.ok) return fail('unreachable', raw.error.message);
    const keys = readServiceNodes(raw.value);
    if (!this.#isOurs(raw.value))
      return fail('not-holder', 'This node does not hold the term any more; nothing was done.');
    if (!keys.records.ok) return keys.records;
    this.#basis = { value: keys.records.value, mod: keys.recordsMod };
    return ok({ ...keys, value: keys.records.value });
  }

  /** Whether the term is still this one. Its text is kept, too: after a restore from a backup revisions repeat. */
  #isOurs({ entries }: RawGroup): boolean {
    const leader = entries.get('leader');
    if (leader?.mod !== this.#token) return false;
    this.#leader ??= leader.value;
    return leader.value === this.#leader;
  }

  async #update(
    change: (value: ServiceNodesValue) => Result<ServiceNodesValue>,
  ): Promise<Result<ServiceNodesValue, RecordsFailure>> {
    if (this.#basis === undefined) {
      const read = await this.#read();
      if (!read.ok) return read;
    }
    const basis = this.#basis;
    if (basis === undefined) return fail('unreachable', 'The records were not read.');
    const next = change(basis.value);
    if (!next.ok) {
      // Perhaps they are older than what etcd has.
      this.#basis = undefined;
      return fail('not-written', next.error.message);
    }
    if (next.value === basis.value) return ok(basis.value);
    return this.#write(basis, next.value);
  }

  async #write(basis: Basis, value: ServiceNodesValue): Promise<Result<ServiceNodesValue, RecordsFailure>> {
    const text = recordsText(value);
    const outcome = await this.#transact(
      [{ put: 'serviceNodes', value: text }],
      [{ key: 'serviceNodes', mod: basis.mod }],
    );
    if (outcome.kind === 'committed') {
      this.#basis = { value, mod: outcome.revision };
      return ok(value);
    }
    this.#basis = undefined;
    if (outcome.kind === 'refused')
      return fail('not-written', 'The term, or the records, changed at the same moment.');
    const again = await this.#store.read(limitMs);
    const entry = again.ok ? again.value.entries.get('serviceNodes') : undefined;
    if (again.ok && entry?.value === text && this.#isOurs(again.value)) {
      this.#basis = { value, mod: entry.mod };
      return ok(value);
    }
    return fail('not-written', `etcd did not say whether the records were written: ${outcome.reason}`);
  }

  #transact(ops: readonly StoreOp[], more: StoreTxn['compares'] = []): Promise<TxnOutcome> {
    if (this.#leader === undefined)
      return Promise.resolve({ kind: 'refused', revision: revision(0), clusterId: '' });
    const compares: StoreTxn['compares'] = [
      { key: 'leader', mod: revision(this.#token) },
      { key: 'leader', value: this.#leader },
      ...more,
    ];
    return this.#store.transact({ compares, ops }, limitMs);
  }
}
