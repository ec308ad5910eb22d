import { type Failure, fail } from '@hamn/core';
import type { UnitFailure } from '@hamn/engine';

type Failed = { readonly ok: false; readonly error: Failure<UnitFailure> };

const noSuchUnit: ReadonlySet<string> = new Set([
  'org.freedesktop.systemd1.NoSuchUnit',
  'org.freedesktop.systemd1.LoadFailed',
  'org.freedesktop.systemd1.UnitMasked',
  'org.freedesktop.systemd1.BadUnitSetting',
  'org.freedesktop.DBus.Error.FileNotFound',
]);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Sorts what the D-Bus client threw. `what` says what was being done, as the middle of a sentence. */
export function busFailure(error: unknown, what: string): Failed {
  const fields: { code?: unknown; dbusName?: unknown; cause?: unknown } =
    typeof error === 'object' && error !== null ? error : {};
  const message = error instanceof Error ? error.message : String(error);
  if (fields.code === 'ETIMEDOUT') {
    return fail(
      'timeout',
      `systemd did not answer in time when asked to ${what}. It is hung or overloaded: look at the load and at journalctl -b _PID=1.`,
    );
  }
  if (fields.code !== 'ECONNCLOSED' && fields.dbusName !== undefined) {
    const name = textOf(fields.dbusName);
    if (noSuchUnit.has(name)) {
      return fail(
        'no-such-unit',
        `systemd could not ${what}: ${message} Check the unit's name with systemctl cat.`,
      );
    }
    return fail('failed', `systemd refused to ${what}: ${message} (${name}).`);
  }
  const cause = fields.cause instanceof Error ? fields.cause.message : message;
  return fail(
    'unreachable',
    `systemd cannot be reached to ${what}: ${cause}. Is /run/systemd/private there, and is this process root?`,
  );
}
