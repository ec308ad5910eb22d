import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the double is to do wrong, as the original may. */
export interface Behaviour {
  /** For each node: snmove runs nodeset and, without -i, postscripts on the nodes. */
  readonly msForEachNode: number;
  /** Before anything is changed, without -D: the interfaces of the new service node are asked for by xdsh. */
  readonly msToAskInterfaces: number;
  /** Names that do not resolve: the whole request is refused, exit code 1. */
  readonly unresolvable: readonly string[];
  /** Nodes whose rows are not changed, while it ends with 0: as when the database is a standby. */
  readonly notWritten: readonly string[];
  /** nodeset fails for these: an error and exit code 1, but the tables are changed. */
  readonly nodesetFails: readonly string[];
  /** nodels leaves out the rest after this many nodes, prints an error and ends with 0. */
  readonly nodelsStopsAfter: number;
  /** Every command hangs, as with a stopped xcatd. */
  readonly hangs: boolean;
}

export const honest: Behaviour = {
  msForEachNode: 0,
  msToAskInterfaces: 0,
  unresolvable: [],
  notWritten: [],
  nodesetFails: [],
  nodelsStopsAfter: Number.MAX_SAFE_INTEGER,
  hangs: false,
};

const pathIn = (directory: string): string => join(directory, 'behaviour.json');

export const readBehaviour = (directory: string): Behaviour => ({
  ...honest,
  ...(JSON.parse(readFileSync(pathIn(directory), 'utf8')) as Partial<Behaviour>),
});

export const writeBehaviour = (directory: string, behaviour: Partial<Behaviour>): void =>
  writeFileSync(pathIn(directory), JSON.stringify(behaviour));
