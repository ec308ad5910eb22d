import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../build/targets.ts';
import { type Item, runtime } from './contents.ts';
import { scripts, walk } from './stage.ts';

/** Changes when anything that goes into the package does. The runtime counts by version, size and time: reading its 120 MB takes longer than packing. */
export function fingerprint(items: readonly Item[], settings: string): string {
  const hash = createHash('sha256').update(settings);
  const node = statSync(runtime());
  hash.update(`node ${process.version} ${node.size} ${node.mtimeMs}\n`);
  const control = ['control.ts', 'stage.ts', ...scripts.map((name) => `debian/${name}`)];
  const sources = [
    ...items,
    ...control.map((name) => ({ from: join(root, 'deploy', 'package', name), to: name, mode: 0 })),
  ];
  for (const { from, to, mode } of sources) {
    if (from === runtime()) continue;
    for (const path of walk(from)) {
      if (!lstatSync(path).isFile()) continue;
      hash.update(`${to} ${path.slice(from.length)} ${mode}\n`).update(readFileSync(path));
    }
  }
  return hash.digest('hex');
}
