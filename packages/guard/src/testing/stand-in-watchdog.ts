import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { done, fail, ok } from '@hamn/core';
import { bootClock, type openWatchdog, type WatchdogDevice } from '@hamn/linux';

/** What the stand-in can do; read at each call, so that a test may change it under a running guard. */
export interface StandInAbility {
  readonly leastSeconds?: number;
  readonly mostSeconds?: number;
  readonly missing?: boolean;
  readonly unstoppable?: boolean;
  /** Every call waits for ever, as on hardware that does not answer. */
  readonly hangs?: boolean;
}

const abilityOf = (directory: string): StandInAbility => {
  const path = `${directory}/watchdog.json`;
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as StandInAbility) : {};
};

/**
 * Stands in for /dev/watchdog on machines whose kernel has none: it writes down what it is told, and resets nothing. It does not pet once more
 * when its owner dies, which the kernel does.
 */
export function standInWatchdog(directory: string): typeof openWatchdog {
  const note = (text: string): void =>
    appendFileSync(`${directory}/watchdog.log`, `${bootClock.now()} ${text}\n`);
  const answers = (): Promise<void> =>
    abilityOf(directory).hangs === true ? new Promise(() => {}) : Promise.resolve();
  const device: WatchdogDevice = {
    identity: 'stand-in',
    outlivesItsOwner: true,
    async setTimeout(seconds) {
      await answers();
      const { leastSeconds = 1, mostSeconds = 3600 } = abilityOf(directory);
      if (seconds < leastSeconds || seconds > mostSeconds) return fail('invalid', `No ${seconds} s.`);
      note(`timeout ${seconds}`);
      return ok(seconds);
    },
    async pet() {
      await answers();
      note('pet');
      return done;
    },
    async stop() {
      await answers();
      const { unstoppable = false } = abilityOf(directory);
      if (!unstoppable) note('stop');
      return !unstoppable;
    },
  };
  return (path) => {
    const there = abilityOf(directory).missing !== true;
    if (there) note('open');
    return Promise.resolve(there ? ok(device) : fail('not-found', `There is no watchdog ${path}.`));
  };
}

/** What a real one would have done by `until`. */
export interface StandInStory {
  /** When the machine was reset, if it was. */
  readonly resetAt: number | undefined;
  readonly bitesAt: number | undefined;
  readonly seconds: number | undefined;
  readonly stopped: boolean;
}

export function standInStory(directory: string, until: number): StandInStory {
  let seconds: number | undefined;
  let bitesAt: number | undefined;
  let resetAt: number | undefined;
  let stopped = false;
  for (const line of readFileSync(`${directory}/watchdog.log`, 'utf8').trim().split('\n')) {
    const [at = '', what = '', value = ''] = line.split(' ');
    if (bitesAt !== undefined && Number(at) > bitesAt) resetAt ??= bitesAt;
    if (what === 'timeout') seconds = Number(value);
    stopped = what === 'stop';
    bitesAt = stopped || seconds === undefined ? undefined : Number(at) + seconds * 1000;
  }
  if (bitesAt !== undefined && until > bitesAt) resetAt ??= bitesAt;
  return { resetAt, bitesAt, seconds, stopped };
}
