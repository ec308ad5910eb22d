import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { bundleOf, dist, root, targets } from '../build/targets.ts';

/** One file (or, for node_modules, one directory) of the package. */
export interface Item {
  readonly from: string;
  /** Absolute on the installed machine. */
  readonly to: string;
  readonly mode: number;
}

const deploy = join(root, 'deploy');
const library = '/usr/lib/hamn';
const units = '/usr/lib/systemd/system';
const documents = '/usr/share/doc/hamn';

/** The Node that goes into the package: the repository's own, or the build host's where npm has none (ppc64le). */
export function runtime(): string {
  const own = join(root, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
  return existsSync(own) ? own : realpathSync(process.execPath);
}

function runtimeLicense(): Item[] {
  const from = join(root, 'node_modules', `node-linux-${process.arch}`, 'LICENSE');
  return existsSync(from) ? [{ from, to: `${documents}/LICENSE.node`, mode: 0o644 }] : [];
}

/** Everything in the package. Programs that were not built are left out, and named in `missing`. */
export function contents(): { readonly items: readonly Item[]; readonly missing: readonly string[] } {
  const shipped = targets.filter((target) => target.isShipped);
  const missing = shipped.filter((target) => !existsSync(bundleOf(target))).map((target) => target.name);
  const programs = shipped
    .filter((target) => !missing.includes(target.name))
    .map((target) => ({ from: bundleOf(target), to: `${library}/${target.name}.mjs`, mode: 0o644 }));
  const items: readonly Item[] = [
    { from: runtime(), to: `${library}/node`, mode: 0o755 },
    ...programs,
    { from: join(dist, 'node_modules'), to: `${library}/node_modules`, mode: 0o644 },
    { from: join(deploy, 'files', 'pg-gate'), to: `${library}/pg-gate`, mode: 0o755 },
    { from: join(deploy, 'files', 'sync-gate'), to: `${library}/sync-gate`, mode: 0o755 },
    { from: join(deploy, 'files', 'hamnctl'), to: '/usr/bin/hamnctl', mode: 0o755 },
    { from: join(deploy, 'files', 'hamnd'), to: '/usr/sbin/hamnd', mode: 0o755 },
    { from: join(deploy, 'systemd', 'hamnd.service'), to: `${units}/hamnd.service`, mode: 0o644 },
    { from: join(deploy, 'systemd', 'hamn-guard.service'), to: `${units}/hamn-guard.service`, mode: 0o644 },
    { from: join(deploy, 'examples', 'hamn.yaml'), to: `${documents}/examples/hamn.yaml`, mode: 0o644 },
    { from: join(deploy, 'examples', 'cluster.yaml'), to: `${documents}/examples/cluster.yaml`, mode: 0o644 },
    { from: join(deploy, 'files', 'copyright'), to: `${documents}/copyright`, mode: 0o644 },
    ...runtimeLicense(),
  ];
  return { items, missing };
}
