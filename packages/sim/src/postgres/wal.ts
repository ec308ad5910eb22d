/** One timeline as it came to be: two promotions can make the same timeline number, and are two branches. LSNs are plain numbers here. */
export interface Branch {
  readonly id: number;
  readonly timeline: number;
  readonly parent: { readonly branch: Branch; readonly lsn: number } | undefined;
}

/** The end of somebody's WAL: everything on the branch up to the LSN, and what the branch came from. */
export interface Position {
  readonly branch: Branch;
  readonly lsn: number;
}

/** How far the WAL that ends at `position` reaches on `branch`; undefined when it never was on it. */
export function reachOn(position: Position, branch: Branch): number | undefined {
  let at: Position | undefined = position;
  while (at !== undefined) {
    if (at.branch === branch) return at.lsn;
    at = at.branch.parent;
  }
  return undefined;
}

/** Whether all WAL up to `part` is in the WAL that ends at `whole`. */
export function contains(whole: Position, part: Position): boolean {
  const reach = reachOn(whole, part.branch);
  return reach !== undefined && part.lsn <= reach;
}

/** The same WAL, cut at `lsn`. */
export function cutAt(position: Position, lsn: number): Position {
  let at = position;
  while (at.branch.parent !== undefined && lsn <= at.branch.parent.lsn) at = at.branch.parent;
  return { branch: at.branch, lsn: Math.min(lsn, at.lsn) };
}

/** Where two servers' WAL went apart. */
export function commonAncestor(a: Position, b: Position): Position {
  let at: Position | undefined = a;
  while (at !== undefined) {
    const reach = reachOn(b, at.branch);
    if (reach !== undefined) return { branch: at.branch, lsn: Math.min(at.lsn, reach) };
    at = at.branch.parent;
  }
  return { branch: rootOf(a.branch), lsn: 0 };
}

const rootOf = (branch: Branch): Branch =>
  branch.parent === undefined ? branch : rootOf(branch.parent.branch);

export const showPosition = (position: Position): string =>
  `${position.branch.timeline}:${position.lsn}${position.branch.id === position.branch.timeline ? '' : `#${position.branch.id}`}`;
