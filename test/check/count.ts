/** How many tests of a step passed and failed. A step that counts nothing is one. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
}

/** From vitest's own summary (`Tests  1 failed | 12 passed (13)`), if there is one. A step that failed has at least one failure. */
export function countOf(stdout: string, isOk: boolean): Count {
  const summary = /^\s*Tests\s+(.*)$/m.exec(stdout)?.[1];
  if (summary === undefined) return isOk ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  const number = (word: string): number => Number(new RegExp(`(\\d+) ${word}`).exec(summary)?.[1] ?? '0');
  const failed = number('failed');
  return { passed: number('passed'), failed: isOk ? failed : Math.max(1, failed) };
}

export const sum = (counts: readonly Count[]): Count => ({
  passed: counts.reduce((total, count) => total + count.passed, 0),
  failed: counts.reduce((total, count) => total + count.failed, 0),
});
