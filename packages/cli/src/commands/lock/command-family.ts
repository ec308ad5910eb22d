import { familyOf, type Member, signalAll, stillRunning } from '@hamn/linux';

/**
 * All that belongs to a command: its process group, its session, and who descends from these, since `runuser`, `su -c` and ssh put their command into a
 * session of its own. Who was met once is remembered: when its parent has ended it cannot be found any more.
 */
export class CommandFamily {
  readonly #leader: number;
  #met: readonly Member[] = [];

  constructor(leader: number) {
    this.#leader = leader;
  }

  /** Those that can still do something; zombies cannot. About 10 microseconds for each process of the machine. */
  running(): readonly number[] {
    const all = new Map([...this.#met, ...familyOf(this.#leader)].map((one) => [one.pid, one]));
    this.#met = stillRunning([...all.values()]);
    return this.#met.map(({ pid }) => pid);
  }

  signal(signal: NodeJS.Signals): void {
    this.running();
    signalAll(this.#met, signal);
  }
}

/** As a terminal does it: to the group alone. A group that is gone already is no trouble. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // ESRCH: nobody is left.
  }
}
