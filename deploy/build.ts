import { mkdirSync } from 'node:fs';
import { bundle } from './build/bundle.ts';
import { copyNativeModules } from './build/native-modules.ts';
import { dist, targets } from './build/targets.ts';

/** `npm run build`: every program as one file in dist/, and beside it the packages with machine code. */
async function main(): Promise<void> {
  const start = performance.now();
  mkdirSync(dist, { recursive: true });
  const built: string[] = [];
  const results = await Promise.all(targets.map(async (target) => ({ target, done: await bundle(target) })));
  for (const { target, done } of results) {
    if (done) built.push(target.name);
    else console.warn(`build: ${target.name} is left out: ${target.entry} does not exist.`);
  }
  const copied = await copyNativeModules();
  const ms = Math.round(performance.now() - start);
  console.log(`build: ${built.join(', ')} in dist/ (${ms} ms${copied ? ', native packages copied' : ''})`);
}

try {
  await main();
} catch (error) {
  console.error(`build: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
