import type { ClientNodeId, ServiceNodeId } from './settings.ts';

/** Where xCAT's tables say that a node belongs. */
export interface Placed {
  readonly node: ClientNodeId;
  /** `noderes.servicenode`, in its order; its first is the one that serves the node. */
  readonly servicenode: readonly ServiceNodeId[];
  /** `noderes.xcatmaster`: the service node as the node itself sees it; empty where it is not set. */
  readonly xcatmaster: string;
}

export type Placement = ReadonlyMap<ClientNodeId, Placed>;

/** Who serves the node; undefined: the management node itself. */
export const serverOf = (placed: Placed | undefined): ServiceNodeId | undefined => placed?.servicenode[0];

/** n2 before n10. */
export function byName(a: string, b: string): number {
  const [left, right] = [parts(a), parts(b)];
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const [one = '', other = ''] = [left[at], right[at]];
    if (one === other) continue;
    const isNumber = /^\d/.test(one) && /^\d/.test(other);
    const difference = isNumber ? Number(one) - Number(other) : 0;
    return difference === 0 ? (one < other ? -1 : 1) : difference;
  }
  return 0;
}

const parts = (text: string): readonly string[] => text.match(/\d+|\D+/g) ?? [];

/** A few names in full, many by their number. */
export const namesText = (names: readonly string[]): string =>
  names.length <= 6 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`;

/** `n1 stays`, `n1, n2 stay`. */
export const stayText = (names: readonly string[]): string =>
  `${namesText(names)} ${names.length === 1 ? 'stays' : 'stay'}`;
