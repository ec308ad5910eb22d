import type { Proof } from '../proof.ts';

/** The configurations of a management node, one proof each: docs/configurations. */
export const CONFIGURATION_PROOFS: readonly Proof[] = [];
