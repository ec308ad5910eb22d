/** One thing that a controller's tool tells of, with the tool's own word for its state. */
export interface Part {
  /** `virtual drive 0/0 (RAID1)`. */
  readonly what: string;
  readonly state: string;
  readonly level: 'ok' | 'warning' | 'error';
}

/** A word that nobody listed is looked at by a person. */
export const levelOf = (state: string, good: ReadonlySet<string>, bad: ReadonlySet<string>): Part['level'] =>
  good.has(state) ? 'ok' : bad.has(state) ? 'error' : 'warning';
