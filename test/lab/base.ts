import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hostMirror } from './apt-sources.ts';
import { ensureHostPackages } from './host-packages.ts';
import { LabError } from './lab-error.ts';
import { type Layout, STATE_ROOT } from './layout.ts';
import { withLock } from './lock.ts';
import { RELEASE_NAMES, type Release, releaseOf } from './releases.ts';
import { describeFailure, run } from './run.ts';

/** What every node has beyond Debian's minimum. No Node.js: the product's package brings its own. */
const packagesOf = (release: Release): readonly string[] => [
  'iproute2',
  'iputils-ping',
  'procps',
  'etcd-server',
  'etcd-client',
  `postgresql-${release.postgres}`,
  'isc-dhcp-server',
  'tcpdump',
  'openssl',
  'kmod',
  'less',
  'openssh-server',
  'openssh-client',
  'rsync',
  'cron',
  release.fencing,
  'ipmitool',
  // File sync carries access lists and extended attributes.
  'acl',
  'attr',
  // What an xCAT management node serves. No kernel module is to be had for the NFS server: this one runs in user space.
  'bind9',
  'bind9-host',
  'apache2',
  'tftpd-hpa',
  'tftp-hpa',
  'conserver-server',
  'nfs-ganesha',
  'nfs-ganesha-vfs',
];

const RECIPE: string = join(import.meta.dirname, 'make-base.sh');
const MAKE_LIMIT_MS = 900_000;
const PROGRESS_EVERY_MS = 3_000;

/** Names the base by what made it: another release, package list or recipe is another base. */
export function baseKey(release: Release): string {
  return createHash('sha256')
    .update(release.name)
    .update(packagesOf(release).join(' '))
    .update(readFileSync(RECIPE))
    .digest('hex')
    .slice(0, 12);
}

/**
 * The directory of the base root file system; made on the first call on this host (about two minutes), reused afterwards.
 * @throws LabError `base` when it cannot be made
 */
export async function ensureBase(
  layout: Pick<Layout, 'basesDir'>,
  release: Release,
  log: (line: string) => void,
): Promise<string> {
  await ensureHostPackages(log);
  const dir = join(layout.basesDir, baseKey(release));
  if (existsSync(dir)) return dir;
  return withLock(
    join(STATE_ROOT, 'base.lock'),
    'making the base root file system',
    MAKE_LIMIT_MS,
    async () => {
      if (!existsSync(dir)) await makeBase(dir, release, log);
      return dir;
    },
  );
}

/** A checkout with another recipe may have made its base and not set up its first node yet. */
const PRUNE_AFTER_MS = 3_600_000;

/** Removes bases that no disk of any lab stands on, an hour after they were made. */
export function pruneBases(
  layout: Pick<Layout, 'basesDir'>,
  isInUse: (key: string) => boolean,
  nowMs: number = Date.now(),
): void {
  if (!existsSync(layout.basesDir)) return;
  const own = RELEASE_NAMES.map((name) => baseKey(releaseOf(name)));
  for (const key of readdirSync(layout.basesDir)) {
    if (key.endsWith('.part') || own.includes(key) || isInUse(key)) continue;
    const dir = join(layout.basesDir, key);
    // Of the inode, not of its contents: the last step of making a base is to rename it.
    const ageMs = nowMs - statSync(dir).ctimeMs;
    if (ageMs > PRUNE_AFTER_MS) rmSync(dir, { recursive: true, force: true });
  }
}

async function makeBase(dir: string, release: Release, log: (line: string) => void): Promise<void> {
  const part = `${dir}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  log(`making the base root file system of ${release.name} (once on this host, about two minutes)`);
  const argv = [
    'unshare',
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    'sh',
    RECIPE,
    part,
    hostMirror(),
    packagesOf(release).join(' '),
    release.name,
    String(release.postgres),
  ];
  const result = await run(argv, { timeoutMs: MAKE_LIMIT_MS, onLine: throttled(log) });
  if (result.code !== 0) {
    throw new LabError(
      'base',
      `${describeFailure(['make-base.sh'], { ...result, stderr: lastLines(result.stdout + result.stderr) }, MAKE_LIMIT_MS)}\n` +
        `The base could not be made from ${hostMirror()}; mend the mirror or the network and try again.`,
    );
  }
  renameSync(part, dir);
}

/** Lines of our own always; of the many others one every few seconds, so that a person sees it move. */
function throttled(log: (line: string) => void): (line: string) => void {
  let last = performance.now();
  return (line) => {
    const own = line.startsWith('lab: ');
    if (!own && performance.now() - last < PROGRESS_EVERY_MS) return;
    last = performance.now();
    log(own ? line.slice('lab: '.length) : `  ${line.slice(0, 100)}`);
  };
}

const lastLines = (text: string): string => text.trimEnd().split('\n').slice(-15).join('\n');
