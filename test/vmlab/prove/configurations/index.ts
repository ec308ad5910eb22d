import type { Proof } from '../proof.ts';
import { automaticSharedData } from './automatic-shared-data.ts';
import { manualSharedData } from './manual-shared-data.ts';
import { automaticMirroring, manualMirroring } from './mirrored-nodes.ts';

/** The configurations of a management node, one proof each: docs/configurations. */
export const CONFIGURATION_PROOFS: readonly Proof[] = [
  manualSharedData,
  manualMirroring,
  automaticSharedData,
  automaticMirroring,
];
