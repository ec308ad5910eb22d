/** One thing that the doctor looked at. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'error';
  /** What was found, a full sentence. */
  readonly what: string;
  /** Why it matters. */
  readonly why?: string | undefined;
  /** The command or change that mends it; lines after the first are to be copied as they are. */
  readonly mend?: string | undefined;
}

export const well = (what: string): Finding => ({ level: 'ok', what });

export const doubtful = (what: string, why: string, mend: string): Finding => ({
  level: 'warning',
  what,
  why,
  mend,
});

export const broken = (what: string, why: string, mend: string): Finding => ({
  level: 'error',
  what,
  why,
  mend,
});
