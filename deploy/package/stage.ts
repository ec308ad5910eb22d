import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../build/targets.ts';
import type { Item } from './contents.ts';
import { controlText } from './control.ts';

const scripts = ['postinst', 'prerm', 'postrm'] as const;

/** Every file of a directory, and every directory below it, deepest last. */
function* walk(path: string): Generator<string> {
  yield path;
  if (!lstatSync(path).isDirectory()) return;
  for (const name of readdirSync(path).sort()) yield* walk(join(path, name));
}

/** Lays the package out below `stage`, with modes and times that depend on nothing but the sources. */
export function stagePackage(
  stage: string,
  items: readonly Item[],
  version: string,
  epochSeconds: number,
): void {
  rmSync(stage, { recursive: true, force: true });
  for (const { from, to, mode } of items) {
    const path = join(stage, to);
    mkdirSync(dirname(path), { recursive: true });
    cpSync(from, path, {
      recursive: true,
      dereference: true,
      filter: (each) => !each.endsWith('.versions.json'),
    });
    for (const each of walk(path)) if (lstatSync(each).isFile()) chmodSync(each, mode);
  }
  mkdirSync(join(stage, 'etc', 'hamn'), { recursive: true });
  const kib = Math.ceil([...walk(stage)].reduce((sum, path) => sum + statSync(path).size, 0) / 1024);
  mkdirSync(join(stage, 'DEBIAN'));
  writeFileSync(join(stage, 'DEBIAN', 'control'), controlText(version, kib));
  for (const name of scripts) {
    const path = join(stage, 'DEBIAN', name);
    cpSync(join(root, 'deploy', 'package', 'debian', name), path);
    chmodSync(path, 0o755);
  }
  for (const path of [...walk(stage)].reverse()) {
    if (lstatSync(path).isDirectory()) chmodSync(path, path.endsWith('/etc/hamn') ? 0o750 : 0o755);
    utimesSync(path, epochSeconds, epochSeconds);
  }
}

export { scripts, walk };
