import type { Machine } from '../machine/machine.ts';
import { type Branch, contains, type Position, reachOn } from '../postgres/wal.ts';

/** What clients were told is safe, as far as the settings promised it then. */
export class Acknowledged {
  readonly #upTo = new Map<Branch, number>();
  readonly #abandoned = new Set<Branch>();
  #lostBefore = 0;

  /** `token`: the term that the guard of the acknowledging node stands behind. */
  record(branch: Branch, lsn: number, token?: number): void {
    if (this.#abandoned.has(branch) || (token ?? this.#lostBefore) < this.#lostBefore) return;
    this.#upTo.set(branch, Math.max(lsn, this.#upTo.get(branch) ?? 0));
  }

  /** Nothing was promised, or is promised any more. */
  forget(): void {
    this.#upTo.clear();
  }

  /** An admin accepted the loss: what is still written where it was written until now, or under a term before `token`, is lost as well. */
  abandon(token = 0): void {
    this.#lostBefore = token;
    for (const branch of this.#upTo.keys()) this.#abandoned.add(branch);
    this.#upTo.clear();
  }

  /** What a database that ends here lacks. */
  missing(position: Position): { readonly bytes: number; readonly upTo: Position | undefined } {
    let bytes = 0;
    let upTo: Position | undefined;
    for (const [branch, lsn] of this.#upTo) {
      if (contains(position, { branch, lsn })) continue;
      bytes += lsn - (reachOn(position, branch) ?? 0);
      upTo = { branch, lsn };
    }
    return { bytes, upTo };
  }
}

/** The node whose database lacks least: what an admin finds out before the group is set up anew. */
export function newestOf(machines: readonly Machine[], acknowledged: Acknowledged): Machine | undefined {
  const whole = machines.filter(({ server }) => server.parts.disk.data === 'present');
  const lack = (machine: Machine): number => acknowledged.missing(machine.server.parts.disk.position).bytes;
  return whole.sort(
    (a, b) => lack(a) - lack(b) || b.server.parts.disk.position.lsn - a.server.parts.disk.position.lsn,
  )[0];
}
