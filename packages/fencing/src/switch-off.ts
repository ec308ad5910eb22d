import { after, fail, type Instant, ok, type Result } from '@hamn/core';
import type { ClockPort, FencingFailure } from '@hamn/engine';
import {
  type DeviceUser,
  nameOf,
  type Outlet,
  type StillWanted,
  type UseFailure,
} from './device/device-user.ts';

/** Between two looks at a device that still says on. */
const lookAgainMs = 500;

export interface SwitchOptions {
  readonly users: DeviceUser;
  readonly clock: ClockPort;
  readonly deadline: Instant;
  readonly wanted: StillWanted;
  /** Told immediately after an agent may have been fired. */
  readonly fired: (outlet: Outlet) => void;
}

export type OffFailure = Extract<FencingFailure, 'unwanted' | 'timeout' | 'failed'>;

/** All devices of a level, and all of them verified. A node with two supplies is off while both of them say so at the end. */
export async function switchLevelOff(
  level: readonly Outlet[],
  options: SwitchOptions,
): Promise<Result<string, OffFailure>> {
  const tried = await Promise.all(level.map((outlet) => switchOff(outlet, options)));
  const failed = tried.filter((one) => !one.ok);
  const [first] = failed;
  if (first !== undefined) return { ok: false, error: { ...first.error, message: sentences(failed) } };
  if (level.length > 1) {
    const looks = await Promise.all(level.map((outlet) => becomesOff(outlet, options)));
    const bad = looks.filter((one) => !one.ok);
    const [worst] = bad;
    if (worst !== undefined) return { ok: false, error: { ...worst.error, message: sentences(bad) } };
  }
  const names = level.map(nameOf).join(' and ');
  return ok(`${names} switched it off, and ${level.length > 1 ? 'say' : 'says'} that it is off.`);
}

const sentences = (failed: readonly { readonly error: { readonly message: string } }[]): string =>
  failed.map(({ error }) => error.message).join(' ');

async function switchOff(outlet: Outlet, options: SwitchOptions): Promise<Result<undefined, OffFailure>> {
  let last: Result<undefined, OffFailure> = fail('failed', `${nameOf(outlet)} was not tried.`);
  for (let run = 0; run <= outlet.device.retries && options.clock.now() < options.deadline; run += 1) {
    last = await tryOff(outlet, options);
    if (last.ok || last.error.code === 'unwanted') return last;
  }
  return last;
}

async function tryOff(outlet: Outlet, options: SwitchOptions): Promise<Result<undefined, OffFailure>> {
  const { users, deadline, wanted, fired } = options;
  const use = { purpose: 'act', deadline } as const;
  const fire = (): boolean => {
    if (!wanted()) return false;
    fired(outlet);
    return true;
  };
  const off = await users.act(outlet, 'off', use, fire);
  if (!off.ok) return fail(outcomeOf(off.error.code), off.error.message);
  return becomesOff(outlet, options);
}

/**
 * Asked after the shot: what the device said before means nothing. Some controllers say yes before the power is gone, so `on` is asked again until
 * the device's limit.
 */
async function becomesOff(
  outlet: Outlet,
  { users, clock, deadline }: Pick<SwitchOptions, 'users' | 'clock' | 'deadline'>,
): Promise<Result<undefined, OffFailure>> {
  const giveUpAt = earlier(deadline, after(clock.now(), outlet.device.timeoutMs));
  let saidOn = false;
  for (;;) {
    const power = await users.power(outlet, { purpose: 'act', deadline: giveUpAt });
    if (power.ok && power.value === 'off') return ok(undefined);
    if (!power.ok && !(saidOn && power.error.code === 'timeout'))
      return fail(outcomeOf(power.error.code), power.error.message);
    saidOn = true;
    if (clock.now() + lookAgainMs >= giveUpAt)
      return fail('failed', `${nameOf(outlet)} was told to switch it off, but says that it is on.`);
    await new Promise<void>((resolve) => clock.after(lookAgainMs, resolve));
  }
}

const outcomeOf = (code: UseFailure): OffFailure =>
  code === 'unwanted' || code === 'timeout' ? code : 'failed';

const earlier = (a: Instant, b: Instant): Instant => (a < b ? a : b);
