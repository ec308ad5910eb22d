import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundleOf, root, type Target } from './targets.ts';

/** Packages with machine code of their own stay outside: see native-modules.ts. The last three are optional, and hamn goes without. */
const external: readonly string[] = [
  'koffi',
  'netlink',
  '*.node',
  'cpu-features',
  'pg-native',
  'pg-cloudflare',
];

/** Bundled CommonJS packages call `require` for Node's own modules. */
const requireLine =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** With NODE_COMPILE_CACHE set, Node writes the cache when it exits; a daemon that is killed never does. */
const cacheLine =
  "import { flushCompileCache as __flushCompileCache } from 'node:module'; setTimeout(__flushCompileCache, 15_000).unref();";

/**
 * Bundles one program, into dist/ where nobody says otherwise. False: its entry does not exist.
 * @throws esbuild's BuildFailure, already printed
 */
export async function bundle(target: Target, outfile: string = bundleOf(target)): Promise<boolean> {
  const entry = join(root, target.entry);
  if (!existsSync(entry)) return false;
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    external: [...external],
    banner: { js: target.isDaemon ? `${requireLine} ${cacheLine}` : requireLine },
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'warning',
    absWorkingDir: root,
  });
  return true;
}
