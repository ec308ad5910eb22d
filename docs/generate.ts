import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configPages } from './generate/config.ts';
import { exitCodePages } from './generate/exit-codes.ts';
import { metricPages } from './generate/metrics.ts';
import type { Page } from './generate/page.ts';
import { statePages } from './generate/states.ts';
import { timingPages } from './generate/timings.ts';

/** `npm run docs` writes the documents that are made from the code; `npm run docs -- --check` exits 1 when one is not current. */
const docs = dirname(fileURLToPath(import.meta.url));
const pages: readonly Page[] = [
  ...statePages(),
  ...timingPages(),
  ...exitCodePages(),
  ...configPages(),
  ...metricPages(),
];

function textOnDisk(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function main(args: readonly string[]): number {
  const unknown = args.find((arg) => arg !== '--check');
  if (unknown !== undefined) {
    console.error(`docs: '${unknown}' is unknown; the only option is --check.`);
    return 2;
  }
  const old = pages.filter((page) => textOnDisk(join(docs, page.path)) !== page.text);
  if (args.includes('--check')) {
    for (const page of old) console.error(`docs: docs/${page.path} is not current; run 'npm run docs'.`);
    return old.length === 0 ? 0 : 1;
  }
  for (const page of old) {
    const path = join(docs, page.path);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, page.text);
    console.log(`docs: docs/${page.path} written`);
  }
  console.log(`docs: ${pages.length} pages, ${old.length} written`);
  return 0;
}

process.exitCode = main(process.argv.slice(2));
