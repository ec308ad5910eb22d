import { fail } from '@hamn/core';
import type { ResourceFailure } from '@hamn/engine';
import type { KindAdapter } from '../kind-adapter.ts';

const refusing = (code: ResourceFailure, message: string): KindAdapter => {
  const refuse = async () => fail(code, message);
  return { look: refuse, start: refuse, stop: refuse, kill: refuse, promote: refuse, demote: refuse };
};

/** Kinds that have a port of their own. That one of them comes here is a mistake of the caller. */
export const elsewhereKind = (what: string): KindAdapter =>
  refusing('failed', `The adapter of resources does not look after ${what}: a port of its own does.`);

/** Another adapter looks after them, where it is there. */
export const missingSyncKind = (): KindAdapter =>
  refusing('unusable', 'This process does not copy files: resources of kind sync are hamnd’s.');
