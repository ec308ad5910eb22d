import { type ResourceKind, type ResourceSettings, unitsOf } from '@hamn/core';
import type { ConfigPath } from '../issues.ts';
import type { ResourceLine } from '../resource-lines.ts';
import { type Finding, onKey, wrong } from './finding.ts';

/** One thing under two names would be started and stopped twice. */
export function checkTwice(
  lines: readonly ResourceLine[],
  resources: readonly ResourceSettings[],
  databaseUnit: string | undefined,
  placeOf: (line: ResourceLine | undefined) => ConfigPath,
): readonly Finding[] {
  const owners = new Map<string, string>();
  if (databaseUnit !== undefined) owners.set(`unit ${databaseUnit}`, 'postgres');
  return resources.flatMap(({ name, what }) => {
    return thingsOf(what).flatMap((thing) => {
      const owner = owners.get(thing);
      if (owner === undefined) owners.set(thing, name);
      if (owner === undefined || owner === name) return [];
      const place = placeOf(lines.find((line) => line.name === name));
      const message = `The ${thing} belongs to '${owner}' already. Two names for one thing would start and stop it twice.`;
      return [onKey(wrong(place, undefined, message))];
    });
  });
}

function thingsOf(what: ResourceKind): readonly string[] {
  switch (what.kind) {
    case 'unit':
      return unitsOf(what).map((unit) => `unit ${unit}`);
    case 'vip':
      return [`address ${what.address}`];
    case 'mount':
      return [`mount point ${what.target}`];
    case 'link':
      return [`link ${what.path}`];
    case 'marker':
      return [`marker ${what.onPrimary}`];
    case 'template':
      return [`file ${what.file}`];
    case 'drbd':
      return [`DRBD resource ${what.resource}`];
    default:
      return [];
  }
}
