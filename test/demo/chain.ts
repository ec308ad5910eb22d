/** What a resource waits for, and how long its own start took. */
export interface Link {
  readonly name: string;
  readonly after: readonly string[];
  readonly ownMs: number;
}

/**
 * The longest way through the graph: when the last one would be well if each started at the very instant at which all that it is after are. `base`
 * gives when those were well that the role begins with (VIPs, database). @throws Error on a circle
 */
export function longestChainMs(links: readonly Link[], base: ReadonlyMap<string, number>): number {
  const byName = new Map(links.map((link) => [link.name, link]));
  const done = new Map(base);
  const wellAt = (name: string, way: readonly string[]): number => {
    if (way.includes(name)) throw new Error(`The resources go in a circle: ${[...way, name].join(', ')}.`);
    const known = done.get(name);
    if (known !== undefined) return known;
    const link = byName.get(name);
    const before = Math.max(0, ...(link?.after ?? []).map((other) => wellAt(other, [...way, name])));
    const at = before + (link?.ownMs ?? 0);
    done.set(name, at);
    return at;
  };
  return Math.max(0, ...[...byName.keys()].map((name) => wellAt(name, [])));
}
