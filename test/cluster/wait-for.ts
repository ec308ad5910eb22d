import { setTimeout as sleep } from 'node:timers/promises';

/** Asks every `everyMs` until the answer is not undefined; undefined when the limit has passed. */
export async function waitFor<T>(
  limitMs: number,
  everyMs: number,
  ask: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const end = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() >= end) return undefined;
    await sleep(everyMs);
  }
}
