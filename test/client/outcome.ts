import type { Outcome } from './log.ts';

export type Verdict = { readonly outcome: Outcome; readonly because: string | undefined };

/**
 * What may be concluded from the server's word about one autocommitted INSERT. A success with any notice is no acknowledgement: a
 * cancelled wait for a synchronous standby reports success *with a WARNING* (PostgreSQL, syncrep.c). Only severity ERROR says that
 * the transaction is not there; FATAL can come after the local commit ("terminating connection", 57P01).
 */
export function judge(error: unknown, notices: readonly string[]): Verdict {
  const said = notices.length === 0 ? undefined : notices.join('; ');
  if (error === undefined) {
    return said === undefined
      ? { outcome: 'acked', because: undefined }
      : { outcome: 'unknown', because: said };
  }
  const text = error instanceof Error ? error.message : String(error);
  const because = said === undefined ? text : `${text}; ${said}`;
  return { outcome: said === undefined && severityOf(error) === 'ERROR' ? 'failed' : 'unknown', because };
}

function severityOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'severity' in error ? error.severity : undefined;
}
