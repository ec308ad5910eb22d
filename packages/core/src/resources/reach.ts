/** For each name the names that it is directly after. */
export type Edges = ReadonlyMap<string, readonly string[]>;

/** All that is reached from `start`, without itself. */
export function reached(edges: Edges, start: string): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [...(edges.get(start) ?? [])];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    open.push(...(edges.get(name) ?? []));
  }
  return found;
}

export const isReached = (edges: Edges, start: string, end: string): boolean =>
  start === end || reached(edges, start).has(end);

/** The first circle of edges, with its beginning repeated at its end. */
export function findCycle(edges: Edges): readonly string[] | undefined {
  const finished = new Set<string>();
  const visit = (name: string, trail: readonly string[]): readonly string[] | undefined => {
    const start = trail.indexOf(name);
    if (start >= 0) return [...trail.slice(start), name];
    if (finished.has(name)) return undefined;
    for (const before of edges.get(name) ?? []) {
      const cycle = visit(before, [...trail, name]);
      if (cycle !== undefined) return cycle;
    }
    finished.add(name);
    return undefined;
  };
  for (const name of edges.keys()) {
    const cycle = visit(name, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
