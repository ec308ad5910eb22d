import type { Cancel, ClockPort } from '@hamn/engine';
import { unitOfPath } from './bus-path.ts';
import type { BusSignal } from './manager-connection.ts';
import { changedState, jobRemoved } from './parse.ts';

const jobsKept = 64;
const managerInterface = 'org.freedesktop.systemd1.Manager';

/** What systemd told by itself: ended jobs, changed units. Waiters are woken by each; nothing depends on a signal alone. */
export class Changes {
  readonly #clock: ClockPort;
  readonly #results = new Map<string, string>();
  /** Units somebody asked about, with the state that was last told. */
  readonly #states = new Map<string, string>();
  readonly #onStale: (unit: string | undefined) => void;
  readonly #watchers: (() => void)[] = [];
  #waiters = new Set<() => void>();

  /** `onStale`: what is remembered of the unit (undefined: of all) may be old. */
  constructor(deps: { readonly clock: ClockPort; readonly onStale: (unit: string | undefined) => void }) {
    this.#clock = deps.clock;
    this.#onStale = deps.onStale;
  }

  watch(onChange: () => void): void {
    this.#watchers.push(onChange);
  }

  /** From now on changes of this unit's state are told to the watchers. */
  follow(unit: string, state: string): void {
    this.#states.set(unit, state);
  }

  follows(unit: string): boolean {
    return this.#states.has(unit);
  }

  /** How the job ended (`done`, `failed`, `canceled`, `timeout`, `dependency`, `skipped`), if systemd has said. */
  resultOf(jobPath: string): string | undefined {
    return this.#results.get(jobPath);
  }

  /** Resolves at the next signal, and after `atMostMs` in any case. */
  next(atMostMs: number): Promise<void> {
    return new Promise((resolve) => {
      let cancel: Cancel | undefined;
      const wake = (): void => {
        cancel?.();
        this.#waiters.delete(wake);
        resolve();
      };
      cancel = this.#clock.after(atMostMs, wake);
      this.#waiters.add(wake);
    });
  }

  reconnected(): void {
    this.#onStale(undefined);
    this.#tell();
    this.#wake();
  }

  take(signal: BusSignal): void {
    if (signal.interface === managerInterface) this.#takeManager(signal);
    else if (signal.member === 'PropertiesChanged') this.#takeUnit(signal);
  }

  #takeManager(signal: BusSignal): void {
    if (signal.member === 'JobRemoved') {
      const job = jobRemoved(signal.body);
      if (job === undefined) return;
      this.#results.set(job.jobPath, job.result);
      const oldest = this.#results.keys().next().value;
      if (this.#results.size > jobsKept && oldest !== undefined) this.#results.delete(oldest);
      this.#wake();
    } else if (signal.member === 'UnitFilesChanged' || signal.member === 'Reloading') {
      this.#onStale(undefined);
    }
  }

  #takeUnit(signal: BusSignal): void {
    const unit = unitOfPath(signal.path);
    if (unit === undefined || !this.#states.has(unit)) return;
    this.#onStale(unit);
    const state = changedState(signal.body);
    if (state === undefined || state === this.#states.get(unit)) return;
    this.#states.set(unit, state);
    this.#tell();
    this.#wake();
  }

  #tell(): void {
    for (const onChange of this.#watchers) onChange();
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = new Set();
    for (const wake of waiters) wake();
  }
}
