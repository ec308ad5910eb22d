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
}

const usage =
  'hamn-guard [--directory /run/hamn] [--control-groups PATH] [--on-unverified none|reboot] [--verify-limit-ms 1000]';

/** Flags first, then HAMN_GUARD_DIRECTORY, HAMN_GUARD_ON_UNVERIFIED, HAMN_GUARD_VERIFY_LIMIT_MS. Errors: `usage`. */
export function readOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Result<GuardOptions, 'usage'> {
  const flags = parse(args);
  if (!flags.ok) return flags;
  const given = flags.value;
  const onUnverified = given['on-unverified'] ?? environment['HAMN_GUARD_ON_UNVERIFIED'] ?? 'none';
  if (onUnverified !== 'none' && onUnverified !== 'reboot')
    return fail('usage', `--on-unverified is '${onUnverified}'; it is none or reboot. Usage: ${usage}`);
  const limitText = given['verify-limit-ms'] ?? environment['HAMN_GUARD_VERIFY_LIMIT_MS'] ?? '1000';
  const verifyLimitMs = Number(limitText);
  if (!(verifyLimitMs >= 50 && verifyLimitMs <= 60_000))
    return fail(
      'usage',
      `--verify-limit-ms is '${limitText}'; it is a number of milliseconds from 50 to 60000. Usage: ${usage}`,
    );
  return ok({
    directory: given.directory ?? environment['HAMN_GUARD_DIRECTORY'] ?? '/run/hamn',
    controlGroups: given['control-groups'],
    onUnverified,
    verifyLimitMs,
    sysrqTrigger: given['sysrq-trigger'] ?? '/proc/sysrq-trigger',
  });
}

interface Flags {
  readonly directory?: string | undefined;
  readonly 'control-groups'?: string | undefined;
  readonly 'on-unverified'?: string | undefined;
  readonly 'verify-limit-ms'?: string | undefined;
  readonly 'sysrq-trigger'?: string | undefined;
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
      },
    });
    return ok(values);
  } catch (error) {
    return fail('usage', `${error instanceof Error ? error.message : String(error)}. Usage: ${usage}`);
  }
}
