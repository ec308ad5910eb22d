import { isSeenByAll, liesOn, type ResourceSettings } from '@hamn/core';
import type { ConfigPath } from '../issues.ts';
import type { ResourceLine } from '../resource-lines.ts';
import { type Finding, onKey, wrong } from './finding.ts';

/** The server of each node has a directory of its own: two of them in one would destroy it, and a network's file system is no place for either. */
export function checkDatabasePlace(
  lines: readonly ResourceLine[],
  resources: readonly ResourceSettings[],
  placeOf: (line: ResourceLine | undefined) => ConfigPath,
): readonly Finding[] {
  const database = resources.find(({ what }) => what.kind === 'postgres');
  if (database?.what.kind !== 'postgres') return [];
  const { dataDirectory } = database.what;
  return resources.flatMap((storage) => {
    const { name, what } = storage;
    if (what.kind !== 'mount' || !isSeenByAll(what.type) || !liesOn(database, storage)) return [];
    const message = `The database's directory ${dataDirectory} would lie on ${what.source} (${what.type}), which every node sees: the servers of two nodes would write one directory. Keep it on a local disk of each node; hamn replicates it.`;
    return [onKey(wrong(placeOf(lines.find((line) => line.name === name)), undefined, message))];
  });
}
