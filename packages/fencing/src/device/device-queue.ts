/** `look`: a question that can be asked again. `act`: a node is being switched. */
export type Purpose = 'look' | 'act';

/**
 * One run at a time for each device: many take one session only. Whoever switches a node does not wait for those who only look; they are
 * interrupted. No waiting of its own needs a limit: every job has one.
 */
export class DeviceQueue {
  readonly #tails = new Map<string, Promise<unknown>>();
  readonly #looks = new Map<string, Set<AbortController>>();

  run<T>(device: string, purpose: Purpose, job: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const looks = this.#looks.get(device) ?? new Set();
    this.#looks.set(device, looks);
    const own = new AbortController();
    if (purpose === 'look') looks.add(own);
    else for (const look of looks) look.abort();
    const before = this.#tails.get(device) ?? Promise.resolve();
    const turn = before.then(() => job(own.signal)).finally(() => looks.delete(own));
    this.#tails.set(
      device,
      turn.catch(() => undefined),
    );
    return turn;
  }
}
