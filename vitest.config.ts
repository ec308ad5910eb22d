import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Lab tests that take minutes each; `npm run test:long`. */
const long = ['etcd-outage', 'synchronous', 'resources/xcatd-habits'].map(
  (name) => `test/integration/${name}.test.ts`,
);

/** The suite of PostgreSQL, `npm run test:postgres`, and what `npm test` runs of it: within four minutes. */
const postgres = 'test/integration/postgres/**/*.test.ts';
const quickPostgres = ['replication', 'crashes'].map((name) => `test/integration/postgres/${name}.test.ts`);

/** Unit tests and text scenarios stand beside the code; the lab's own tests are asked for by name (`npx vitest run --project lab`). */
const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          // Against what hangs, not against what is slow: real servers are started here, on a machine that does other work, too.
          testTimeout: process.env['FUZZ_RUNS'] === undefined ? 30_000 : 3_600_000,
          setupFiles: ['test/fuzz/runs.ts'],
          hookTimeout: 60_000,
          // No test replaces a module, and loading all of them anew for each file takes most of the time.
          isolate: false,
          env: { TZ: 'UTC' },
          include: [
            'packages/*/src/**/*.test.ts',
            'test/tidy.test.ts',
            'test/check/**/*.test.ts',
            'test/client/**/*.test.ts',
            'test/doubles/**/*.test.ts',
            'test/model/**/*.test.ts',
            'test/bench/**/*.test.ts',
            'test/vmlab/**/*.test.ts',
            'test/faults/**/*.test.ts',
            'test/prove/**/*.test.ts',
            'deploy/**/*.test.ts',
          ],
        },
      },
      {
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts', 'test/integration/**/*.test.ts'],
          exclude: [...long, postgres],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      ...[
        { name: 'postgres', include: [postgres] },
        { name: 'postgres-quick', include: quickPostgres },
      ].map((project) => ({
        test: { ...project, testTimeout: 300_000, hookTimeout: 300_000, fileParallelism: false },
      })),
      {
        test: {
          name: 'long',
          include: long,
          testTimeout: 600_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
export default config;
