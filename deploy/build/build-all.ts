import { mkdirSync } from 'node:fs';
import { bundle } from './bundle.ts';
import { copyNativeModules } from './native-modules.ts';
import { dist, targets } from './targets.ts';

/** Every program as one file in dist/, and beside it the packages with machine code. A program whose entry does not exist is left out, loudly. */
export async function buildAll(): Promise<void> {
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
