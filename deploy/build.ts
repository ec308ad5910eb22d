import { buildAll } from './build/build-all.ts';

/** `npm run build`. */
try {
  await buildAll();
} catch (error) {
  console.error(`build: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
