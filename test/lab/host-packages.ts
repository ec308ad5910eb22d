import { existsSync } from 'node:fs';
import { LabError } from './lab-error.ts';
import { describeFailure, type RunResult, run } from './run.ts';

/** A Debian package, known by a file it brings. */
export type HostPackage = readonly [name: string, file: string];

/** What the lab needs on the host. */
const NEEDED: readonly HostPackage[] = [
  ['debootstrap', '/usr/sbin/debootstrap'],
  ['iproute2', '/usr/sbin/ip'],
  ['util-linux', '/usr/bin/unshare'],
  ['iputils-ping', '/usr/bin/ping'],
  ['tcpdump', '/usr/bin/tcpdump'],
  ['nftables', '/usr/sbin/nft'],
  ['e2fsprogs', '/usr/sbin/mkfs.ext4'],
];

const APT = ['apt-get', '-o', 'DPkg::Lock::Timeout=300', '-q', '-y'];
const APT_LIMIT_MS = 600_000;

/**
 * Installs what is missing of the lab's packages and of `further` ones, with apt-get.
 * @throws LabError `not-root` | `no-apt` | `packages`
 */
export async function ensureHostPackages(
  log: (line: string) => void,
  further: readonly HostPackage[] = [],
): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new LabError('not-root', 'The lab makes namespaces and mounts, so it must run as root. Use sudo.');
  }
  const missing = [...NEEDED, ...further].filter(([, file]) => !existsSync(file)).map(([name]) => name);
  if (missing.length === 0) return;
  if (!existsSync('/usr/bin/apt-get')) {
    throw new LabError(
      'no-apt',
      `The lab needs ${missing.join(', ')}, and this host has no apt-get. Install them by its own means.`,
    );
  }
  log(`installing on this host: ${missing.join(' ')}`);
  await apt(['update']);
  await apt(['install', '--no-install-recommends', ...missing]);
}

async function apt(args: readonly string[]): Promise<RunResult> {
  const argv = [...APT, ...args];
  const result = await run(argv, {
    timeoutMs: APT_LIMIT_MS,
    env: {
      PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin',
      DEBIAN_FRONTEND: 'noninteractive',
      LC_ALL: 'C',
    },
  });
  if (result.code === 0) return result;
  throw new LabError(
    'packages',
    `${describeFailure(argv, result, APT_LIMIT_MS)} Mend apt on this host, then try again.`,
  );
}
