import type { Machine } from '../machine/machine.ts';

/** What the checkers and the triggered faults look at. */
export type Signal =
  | { readonly kind: 'act'; readonly machine: Machine; readonly what: string }
  | { readonly kind: 'writable'; readonly machine: Machine }
  | { readonly kind: 'armed'; readonly machine: Machine }
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
