import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { hostMirror } from '../lab/apt-sources.ts';
import { baseKey, ensureBase } from '../lab/base.ts';
import { ensureHostPackages, type HostPackage } from '../lab/host-packages.ts';
import { LabError } from '../lab/index.ts';
import { hostsFile, type Layout, STATE_ROOT } from '../lab/layout.ts';
import { withLock } from '../lab/lock.ts';
import { releaseOf } from '../lab/releases.ts';
import { describeFailure, run } from '../lab/run.ts';
import { IMAGES_DIR } from './vm-layout.ts';

const HOST_PACKAGES: readonly HostPackage[] = [
  ['qemu-system-x86', '/usr/bin/qemu-system-x86_64'],
  ['qemu-utils', '/usr/bin/qemu-img'],
  ['openssh-client', '/usr/bin/ssh'],
];

/** Beyond the lab's base: a kernel with every module that hamn's features need (softdog, drbd, nfsd, netem, dm, md, LIO), and their tools. */
const PACKAGES: readonly string[] = [
  'linux-image-amd64',
  'initramfs-tools',
  'udev',
  'dmsetup',
  'drbd-utils',
  'nfs-kernel-server',
  'resource-agents',
  'mdadm',
  'open-iscsi',
  'targetcli-fb',
  'sg3-utils',
];

/** Drivers that no virtual machine has a device for: half of the kernel's package. */
const DROPPED: readonly string[] = [
  ...[
    'gpu',
    'media',
    'net/wireless',
    'net/ethernet',
    'infiniband',
    'staging',
    'iio',
    'usb',
    'hid',
    'input',
  ].map((name) => `drivers/${name}`),
  ...['bluetooth', 'platform', 'mtd', 'isdn', 'hwmon', 'video'].map((name) => `drivers/${name}`),
  ...['sound', 'net/bluetooth', 'net/mac80211', 'net/wireless'],
  ...['xfs', 'btrfs', 'ocfs2', 'gfs2', 'ceph', 'cifs', 'smb'].map((name) => `fs/${name}`),
];

/** The virtual machines are of one release; the lab of namespaces has them all. */
const release = releaseOf('bookworm');
const RECIPE = join(import.meta.dirname, 'make-vm-base.sh');
const FILES = join(import.meta.dirname, 'files');
const MAKE_LIMIT_MS = 900_000;

/** Names the image by what made it. */
export function imageKey(): string {
  const hash = createHash('sha256').update([baseKey(release), ...PACKAGES, ...DROPPED].join(' '));
  hash.update(hostsFile('this machine'));
  for (const file of [RECIPE, ...readdirSync(FILES).map((name) => join(FILES, name))])
    hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}

export const imageDirOf = (key: string): string => join(IMAGES_DIR, key);

/**
 * The directory of the image (disk.raw, vmlinuz, initrd.img, ssh-key); made on the first call on this host (about a minute more than
 * the lab's base), reused afterwards.
 * @throws LabError `image` when it cannot be made
 */
export async function ensureImage(layout: Layout, log: (line: string) => void): Promise<string> {
  await ensureHostPackages(log, HOST_PACKAGES);
  const dir = imageDirOf(imageKey());
  if (existsSync(dir)) return dir;
  const base = await ensureBase(layout, release, log);
  const lock = join(STATE_ROOT, 'vm-image.lock');
  return withLock(lock, "making the virtual machines' image", MAKE_LIMIT_MS, async () => {
    if (!existsSync(dir)) await makeImage(base, dir, log);
    return dir;
  });
}

async function makeImage(base: string, dir: string, log: (line: string) => void): Promise<void> {
  log("making the virtual machines' image (once on this host, about a minute)");
  const part = `${dir}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  const files = join(part, 'files');
  cpSync(FILES, files, { recursive: true });
  writeFileSync(join(files, 'hosts'), hostsFile('every virtual machine'));
  const recipe = ['sh', RECIPE, base, part, files, PACKAGES.join(' '), DROPPED.join(' '), hostMirror()];
  const argv = ['nice', '-n', '10', 'unshare', '--mount', '--pid', '--fork', '--kill-child', ...recipe];
  const result = await run(argv, { timeoutMs: MAKE_LIMIT_MS, onLine: ownLines(log) });
  if (result.code !== 0) {
    const last = (result.stdout + result.stderr).trimEnd().split('\n').slice(-15).join('\n');
    throw new LabError(
      'image',
      describeFailure(['make-vm-base.sh'], { ...result, stderr: last }, MAKE_LIMIT_MS),
    );
  }
  renameSync(part, dir);
}

const ownLines =
  (log: (line: string) => void) =>
  (line: string): void => {
    if (line.startsWith('vmlab: ')) log(line.slice('vmlab: '.length));
  };
