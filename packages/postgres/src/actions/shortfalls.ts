import type { SettingShortfall } from '@hamn/core';

/** Where `own` is below what is needed. A setting that is not known is not judged. */
export const shortfalls = (
  own: Readonly<Record<string, number>>,
  needed: Readonly<Record<string, number>>,
): readonly SettingShortfall[] =>
  Object.entries(needed).flatMap(([name, value]) => {
    const mine = own[name];
    return mine !== undefined && mine < value ? [{ name, own: mine, needed: value }] : [];
  });
