/** What a search came to. `unfinished`: nothing was found, and not everything was explored. */
export interface Finding {
  readonly verdict: 'clean' | 'caught' | 'unfinished';
  readonly states: number;
  /** Steps of the longest path that was explored. */
  readonly depth: number;
  readonly memoryMb: number;
  /** Why it is unfinished, in one sentence; else empty. */
  readonly reason: string;
}

const numberIn = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0);

/** Reads what a verifier that spin generated says at its end (https://spinroot.com/spin/Man/Pan.html). */
export function readFinding(output: string): Finding {
  const errors = /^State-vector .* errors: (\d+)$/m.exec(output)?.[1];
  const told = {
    states: numberIn(output, /^\s*([\d.e+]+) states, stored/m),
    depth: numberIn(output, /depth reached (\d+)/),
    memoryMb: Math.round(numberIn(output, /^\s*([\d.]+)\s+total actual memory usage/m)),
  };
  if (/^pan:\d+: assertion violated/m.test(output)) return { verdict: 'caught', ...told, reason: '' };
  const why = whyUnfinished(output, errors);
  return why === undefined
    ? { verdict: 'clean', ...told, reason: '' }
    : { verdict: 'unfinished', ...told, reason: why };
}

function whyUnfinished(output: string, errors: string | undefined): string | undefined {
  if (/reached -DMEMLIM bound/.test(output)) return 'Its limit of memory was reached.';
  if (/max search depth too small/.test(output)) return 'Its limit of depth was reached.';
  if (errors === undefined) return 'The verifier did not come to its end.';
  if (errors !== '0') return 'The verifier complains about the model itself.';
  if (/Search not completed/.test(output)) return 'The search was not completed.';
  return undefined;
}
