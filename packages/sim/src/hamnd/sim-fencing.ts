import { fail } from '@hamn/core';
import type { FencingPort } from '@hamn/engine';

/** Virtual nodes have no power switches yet. */
export const simFencing: FencingPort = {
  off: async ({ target }) => fail('not-configured', `No fencing device is configured for ${target}.`),
  on: async ({ target }) => fail('not-configured', `No fencing device is configured for ${target}.`),
  status: async () => [],
};
