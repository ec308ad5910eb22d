import { candidatePlants } from './candidate-plants.ts';
import { dataPlants } from './data-plants.ts';
import { guardPlants } from './guard-plants.ts';
import { holderPlants } from './holder-plants.ts';
import { needlessPlants } from './needless-plants.ts';
import type { Plant } from './plant.ts';
import { quorumPlants } from './quorum-plants.ts';
import { resourcePlants } from './resource-plants.ts';

/** Each rule of the protocol, of the guard and of the order of things that a checker must miss when it is gone. */
export const plants: readonly Plant[] = [
  ...holderPlants,
  ...candidatePlants,
  ...guardPlants,
  ...dataPlants,
  ...quorumPlants,
  ...needlessPlants,
  ...resourcePlants,
];
