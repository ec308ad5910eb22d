import { fail, type Result } from '@hamn/core';

/**
 * Whether the act is allowed at this instant. An adapter that must look before it acts asks it again immediately before the act, with nothing
 * awaited in between; when it says no, nothing is done and the call ends with `over` (I5).
 */
export type Permit = () => boolean;

/** For acts that need no term, and for tests. */
export const always: Permit = () => true;

export const termOver = (what: string): Result<never, 'over'> =>
  fail('over', `The term ended before ${what}, so it was not done.`);
