import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildAll } from '../build/build-all.ts';
import { dist, root } from '../build/targets.ts';
import { contents } from './contents.ts';
import { debianArchitecture } from './control.ts';
import { fingerprint } from './fingerprint.ts';
import { stagePackage } from './stage.ts';

const packLimitMs = 300_000;

/**
 * dist/hamn_VERSION_ARCH.deb with a Node runtime of its own; returns the file. Packed with zstd (dpkg of Debian 12 and Ubuntu 22.04 or later)
 * or with xz for older ones. The same sources give the same bytes; unchanged sources give nothing to do. Throws when a tool fails.
 */
export async function makePackage(compression: 'zstd' | 'xz' = 'zstd'): Promise<string> {
  const start = performance.now();
  await buildAll();
  const version = versionOfWorkspace();
  const deb = join(dist, `hamn_${version}_${debianArchitecture()}.deb`);
  const { items, missing } = contents();
  if (missing.length > 0) console.warn(`package: without ${missing.join(', ')}, which were not built.`);
  const mark = fingerprint(items, `${version} ${compression}`);
  const markFile = join(dist, '.package');
  if (existsSync(deb) && existsSync(markFile) && readFileSync(markFile, 'utf8') === mark) {
    console.log(`package: ${deb} is current.`);
    return deb;
  }
  const stage = join(dist, 'package');
  const epochSeconds = epoch();
  stagePackage(stage, items, version, epochSeconds);
  execFileSync(
    'dpkg-deb',
    [`-Z${compression}`, compression === 'xz' ? '-z1' : '-z3', '--root-owner-group', '--build', stage, deb],
    {
      env: { ...process.env, SOURCE_DATE_EPOCH: String(epochSeconds) },
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: packLimitMs,
    },
  );
  rmSync(stage, { recursive: true, force: true });
  writeFileSync(markFile, mark);
  const mb = (statSync(deb).size / 1e6).toFixed(0);
  console.log(`package: ${deb} (${mb} MB, ${Math.round(performance.now() - start)} ms)`);
  return deb;
}

function versionOfWorkspace(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest)
    return String(manifest.version);
  throw new Error('package.json has no version.');
}

/** The time of all files in the package: SOURCE_DATE_EPOCH (reproducible-builds.org), else a fixed one. */
const epoch = (): number => Number(process.env['SOURCE_DATE_EPOCH'] ?? 1_767_225_600);
