import { type ResourceTraits, serviceTraits } from './traits.ts';

/** A protocol that hamn speaks itself, for a look that a listening port does not answer. */
export type UnitQuestion = 'xcatd' | 'dns';

export const unitQuestions: readonly UnitQuestion[] = ['xcatd', 'dns'];

/** A systemd unit. */
export interface UnitResource {
  readonly kind: 'unit';
  readonly unit: string;
  /** Other names for it, in this order: a node has the first of all that its systemd knows. */
  readonly alternatives?: readonly string[] | undefined;
  /** `tcp/3001`: somebody listens there while it is well (depth `deep`), and nobody once it has stopped. */
  readonly ports: readonly string[];
  /** A program that ends with 0 while it answers (depth `deep`), with its arguments. */
  readonly probe: readonly string[] | undefined;
  /** What it is asked (depth `deep`). */
  readonly ask?: UnitQuestion | undefined;
  /** Addresses at which it is asked on the primary; elsewhere, and where there are none, at this machine's loopback. */
  readonly askAt?: readonly string[] | undefined;
}

/** Every name that it may have on a node. */
export const unitsOf = ({ unit, alternatives = [] }: UnitResource): readonly string[] => [
  unit,
  ...alternatives,
];

export const unitTraits = (_: UnitResource): ResourceTraits => serviceTraits;
