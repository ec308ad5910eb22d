import type { Lab } from '../lab/index.ts';

/** What a cluster and its recorder need of the machines they stand on: the lab's, or any others that can do the same. */
export type Machines = Pick<
  Lab,
  | 'layout'
  | 'release'
  | 'up'
  | 'exec'
  | 'mustExec'
  | 'writeFile'
  | 'copyIn'
  | 'clientCommand'
  | 'observerCommand'
>;
