import { parseArgs } from 'node:util';
import { fail, ok, type Result } from '@hamn/core';

export interface GuardOptions {
  /** Where the socket and the record are; memory that is empty after a boot. */
  readonly directory: string;
  /** Where systemd's slices stand; found by itself when it is not given. */
  readonly controlGroups: string | undefined;
  /** What follows when the node cannot be verified harmless within the limit. */
  readonly onUnverified: 'none' | 'reboot';
  readonly verifyLimitMs: number;
  readonly sysrqTrigger: string;
  readonly watchdog: {
    /** `automatic`: used where there is one; `required`: no term is armed without it. */
    readonly mode: 'off' | 'automatic' | 'required';
    readonly device: string;
  };
}

const modes: readonly string[] = [
  'off',
  'automatic',
  'required',
] satisfies readonly GuardOptions['watchdog']['mode'][];
const isMode = (text: string): text is GuardOptions['watchdog']['mode'] => modes.includes(text);

const usage =
  'hamn-guard [--directory /run/hamn] [--control-groups PATH] [--on-unverified none|reboot] [--verify-limit-ms 1000] [--watchdog off|automatic|required] [--watchdog-device /dev/watchdog]';

/**
 * Flags first, then HAMN_GUARD_DIRECTORY, HAMN_GUARD_ON_UNVERIFIED, HAMN_GUARD_VERIFY_LIMIT_MS, HAMN_GUARD_WATCHDOG,
 * HAMN_GUARD_WATCHDOG_DEVICE. Errors: `usage`.
 */
export function readOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Result<GuardOptions, 'usage'> {
  const flags = parse(args);
  if (!flags.ok) return flags;
  const given = flags.value;
  const onUnverified = given['on-unverified'] ?? environment['HAMN_GUARD_ON_UNVERIFIED'] ?? 'none';
  if (onUnverified !== 'none' && onUnverified !== 'reboot')
    return fail(
      'usage',
      `--on-unverified (HAMN_GUARD_ON_UNVERIFIED) is '${onUnverified}'; it is none or reboot. Usage: ${usage}`,
    );
  const limitText = given['verify-limit-ms'] ?? environment['HAMN_GUARD_VERIFY_LIMIT_MS'] ?? '1000';
  const verifyLimitMs = Number(limitText);
  if (!(verifyLimitMs >= 50 && verifyLimitMs <= 60_000))
    return fail(
      'usage',
      `--verify-limit-ms (HAMN_GUARD_VERIFY_LIMIT_MS) is '${limitText}'; it is a number of milliseconds from 50 to 60000. Usage: ${usage}`,
    );
  const watchdog = readWatchdog(given, environment);
  if (!watchdog.ok) return watchdog;
  return ok({
    directory: given.directory ?? environment['HAMN_GUARD_DIRECTORY'] ?? '/run/hamn',
    controlGroups: given['control-groups'],
    onUnverified,
    verifyLimitMs,
    sysrqTrigger: given['sysrq-trigger'] ?? '/proc/sysrq-trigger',
    watchdog: watchdog.value,
  });
}

function readWatchdog(
  given: Flags,
  environment: Readonly<Record<string, string | undefined>>,
): Result<GuardOptions['watchdog'], 'usage'> {
  const mode = given.watchdog ?? environment['HAMN_GUARD_WATCHDOG'] ?? 'off';
  if (!isMode(mode))
    return fail(
      'usage',
      `--watchdog (HAMN_GUARD_WATCHDOG) is '${mode}'; it is ${modes.join(', ')}. Usage: ${usage}`,
    );
  const device = given['watchdog-device'] ?? environment['HAMN_GUARD_WATCHDOG_DEVICE'] ?? '/dev/watchdog';
  if (!device.startsWith('/'))
    return fail(
      'usage',
      `--watchdog-device (HAMN_GUARD_WATCHDOG_DEVICE) is '${device}'; it is an absolute path like /dev/watchdog. Usage: ${usage}`,
    );
  return ok({ mode, device });
}

interface Flags {
  readonly directory?: string | undefined;
  readonly 'control-groups'?: string | undefined;
  readonly 'on-unverified'?: string | undefined;
  readonly 'verify-limit-ms'?: string | undefined;
  readonly 'sysrq-trigger'?: string | undefined;
  readonly watchdog?: string | undefined;
  readonly 'watchdog-device'?: string | undefined;
}

function parse(args: readonly string[]): Result<Flags, 'usage'> {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        directory: text,
        'control-groups': text,
        'on-unverified': text,
        'verify-limit-ms': text,
        'sysrq-trigger': text,
        watchdog: text,
        'watchdog-device': text,
      },
    });
    return ok(values);
  } catch (error) {
    return fail('usage', `${error instanceof Error ? error.message : String(error)}. Usage: ${usage}`);
  }
}
