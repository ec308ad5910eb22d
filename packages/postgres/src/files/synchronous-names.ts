import { type NodeId, nodeId } from '@hamn/core';

/** The names of `FIRST n (...)` where every one of them is waited for; undefined for any other form (ANY, fewer than all, `*`). */
export function parseSynchronousNames(text: string): readonly NodeId[] | undefined {
  if (text.trim() === '') return [];
  const match = /^\s*FIRST\s+(\d+)\s*\(\s*(.*?)\s*\)\s*$/is.exec(text);
  if (match === null) return undefined;
  const names: NodeId[] = [];
  for (const item of (match[2] ?? '').split(',')) {
    const quoted = /^\s*"((?:[^"]|"")+)"\s*$/.exec(item);
    if (quoted === null) return undefined;
    names.push(nodeId((quoted[1] ?? '').replaceAll('""', '"')));
  }
  return Number(match[1]) === names.length ? names : undefined;
}

/**
 * An order of `wanted` in which no name keeps its place of `before`. A WAL sender shows its place (sync_priority), so a changed place
 * proves that it has read the new list. A list of one name that was there alone keeps it: there is nothing to prove then.
 */
export function reorder(before: readonly NodeId[], wanted: readonly NodeId[]): readonly NodeId[] {
  const sorted = [...wanted].sort();
  for (const order of permutations(sorted)) {
    if (order.every((name, place) => before[place] !== name)) return order;
  }
  return sorted;
}

function* permutations(names: readonly NodeId[]): Generator<readonly NodeId[]> {
  if (names.length <= 1) {
    yield names;
    return;
  }
  for (const [index, name] of names.entries()) {
    for (const rest of permutations([...names.slice(0, index), ...names.slice(index + 1)]))
      yield [name, ...rest];
  }
}
