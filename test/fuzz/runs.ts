/** FUZZ_RUNS=20000 makes every fuzzed property try that many inputs instead of a hundred. */
const runs = Number(process.env['FUZZ_RUNS'] ?? 0);
if (runs > 0) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ numRuns: runs });
}
