import { type ResourceTraits, serviceTraits } from './traits.ts';

/** A systemd unit. */
export interface UnitResource {
  readonly kind: 'unit';
  readonly unit: string;
  /** `tcp/3001`: somebody listens there while it is well (depth `deep`), and nobody once it has stopped. */
  readonly ports: readonly string[];
  /** A program that ends with 0 while it answers (depth `deep`), with its arguments. */
  readonly probe: readonly string[] | undefined;
}

export const unitTraits = (_: UnitResource): ResourceTraits => serviceTraits;
