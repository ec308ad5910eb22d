import type { WatchdogView } from '../watchdog.ts';
import type { World } from './decide-world.ts';
import { toNumber, type Words, wordAt } from './words.ts';

/** `guard silent`, `guard harmless watchdog=missing`, `guard harmless watchdog=3000` (required; its shortest timeout), `... automatic` */
export const guardLine = (world: World, words: Words): void => {
  const state = wordAt(words, 1);
  const watchdog = words.named.get('watchdog');
  const required = !words.plain.includes('automatic');
  const view: WatchdogView | undefined =
    watchdog === undefined
      ? undefined
      : watchdog === 'missing'
        ? { state: 'missing', required, reason: 'There is no watchdog /dev/watchdog.' }
        : {
            state: 'active',
            required,
            identity: 'a watchdog',
            timeoutMs: 60_000,
            leastMs: toNumber(watchdog, words.line),
          };
  world.guard =
    state === 'silent'
      ? undefined
      : { state: state as 'harmless', record: undefined, lastAct: undefined, watchdog: view };
};
