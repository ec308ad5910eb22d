import type { CrontabView, Result } from '@hamn/core';

export type CrontabFailure = 'files';

/** root's crontab, of which hamn touches only what xCAT's monitoring leaves there. */
export interface CrontabPort {
  observe(timeoutMs: number): Promise<Result<CrontabView, CrontabFailure>>;
  /** Takes xCAT's entries out, in one step, and changes no other line. Idempotent. */
  clean(): Promise<Result<undefined, CrontabFailure>>;
}
