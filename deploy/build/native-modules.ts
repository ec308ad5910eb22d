import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { dist, root } from './targets.ts';

/** What of each package is needed at run time on this platform, and nothing more. */
interface NativeModule {
  readonly name: string;
  readonly files: readonly string[];
}

const platform = `linux-${process.arch}`;

const modules: readonly NativeModule[] = [
  {
    name: 'koffi',
    files: [
      'package.json',
      'LICENSE.txt',
      'index.js',
      'index.cjs',
      'src/koffi/index.js',
      'src/koffi/index.cjs',
      'src/koffi/src/static.cjs',
      'src/koffi/src/static.js',
    ],
  },
  { name: `@koromix/koffi-${platform}`, files: ['package.json', 'index.js', `linux_${process.arch}`] },
  { name: 'netlink', files: ['package.json', 'LICENSE', 'dist', netlinkBinary()] },
  { name: 'node-gyp-build', files: ['package.json', 'LICENSE', 'index.js', 'node-gyp-build.js'] },
];

const versionsFile = join(dist, 'node_modules', '.versions.json');

/** Where the binding is: prebuilt by its makers, or compiled on this host where they have no build for it (ppc64le). */
function netlinkBinary(): string {
  const prebuilt = `prebuilds/${platform}`;
  return existsSync(join(root, 'node_modules', 'netlink', prebuilt))
    ? prebuilt
    : 'build/Release/netlink_binding.node';
}

async function versionOf(name: string): Promise<string> {
  const path = join(root, 'node_modules', name, 'package.json');
  const text = await readFile(path, 'utf8').catch(() => {
    throw new Error(
      `${name} is not installed (${path} is missing). Run npm ci; there may be no build of it for ${platform}.`,
    );
  });
  const manifest: unknown = JSON.parse(text);
  const hasVersion = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return hasVersion ? String(manifest.version) : 'unknown';
}

/** Copies the packages with machine code into dist/node_modules. False: they were there already. */
export async function copyNativeModules(): Promise<boolean> {
  const versions: Record<string, string> = { platform };
  for (const module of modules) versions[module.name] = await versionOf(module.name);
  const wanted = JSON.stringify(versions);
  if ((await readFile(versionsFile, 'utf8').catch(() => '')) === wanted) return false;
  rmSync(join(dist, 'node_modules'), { recursive: true, force: true });
  for (const module of modules) {
    for (const file of module.files) copy(join('node_modules', module.name, file));
  }
  writeFileSync(versionsFile, wanted);
  return true;
}

/** Types and source maps are of no use to a running program. */
function copy(path: string): void {
  const to = join(dist, path);
  mkdirSync(dirname(to), { recursive: true });
  cpSync(join(root, path), to, { recursive: true, filter: (from) => !/\.(d\.ts|map)$/.test(from) });
}
