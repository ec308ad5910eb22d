import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Lab } from '../lab/index.ts';

const node = '/opt/test/node';

/** The repository's Node, for programs of tests on a node that may have no package of hamn's. */
export async function installNode(lab: Lab, name: string): Promise<void> {
  await lab.mustExec(name, ['mkdir', '-p', '/opt/test']);
  await lab.copyIn(name, process.execPath, node);
}

/** Bundles a program of this directory and puts it on a node; gives the command line that runs it there. */
export async function installProgram(lab: Lab, name: string, file: string): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'hamn-program-'));
  try {
    const outfile = join(directory, 'program.mjs');
    await build({
      entryPoints: [join(import.meta.dirname, file)],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
      logLevel: 'warning',
    });
    const path = `/opt/test/${file.replace(/\.ts$/, '.mjs')}`;
    await lab.copyIn(name, outfile, path);
    return [node, path];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
