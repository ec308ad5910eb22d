import type { StoreTxn } from '@hamn/core';
import type { Machine } from '../machine/machine.ts';
import type { Process } from '../machine/process.ts';

/** What the checkers and the triggered faults look at. */
export type Signal =
  | { readonly kind: 'act'; readonly machine: Machine; readonly what: string }
  | { readonly kind: 'writable'; readonly machine: Machine }
  | { readonly kind: 'armed'; readonly machine: Machine }
  /** The guard's armed term ends: at its deadline, or by an order. */
  | { readonly kind: 'ended'; readonly machine: Machine; readonly reason: string }
  /** The guard says that its node is harmless. */
  | { readonly kind: 'harmless'; readonly machine: Machine }
  /** A standby's upstream has removed WAL that it lacks. */
  | { readonly kind: 'wal-gone'; readonly machine: Machine; readonly from: Machine }
  /** A clone of that machine's database begins. */
  | { readonly kind: 'cloning'; readonly machine: Machine; readonly from: Machine }
  /** etcd has the contents of a backup. */
  | { readonly kind: 'restored' }
  /** A rule applied, as the journal tells it. */
  | { readonly kind: 'decided'; readonly machine: Machine; readonly rule: string; readonly because: string }
  /** A job of the role came to its end. */
  | { readonly kind: 'ran'; readonly machine: Machine; readonly by: Process; readonly job: string }
  /** A transaction leaves the node. */
  | { readonly kind: 'sent'; readonly machine: Machine; readonly txn: StoreTxn }
  | { readonly kind: 'acknowledged'; readonly machine: Machine; readonly lsn: number };

export class Signals {
  readonly #listeners: ((signal: Signal) => void)[] = [];

  on(listener: (signal: Signal) => void): void {
    this.#listeners.push(listener);
  }

  emit(signal: Signal): void {
    for (const listener of this.#listeners) listener(signal);
  }
}
