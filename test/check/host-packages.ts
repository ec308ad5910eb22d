import { existsSync } from 'node:fs';
import { describeFailure, run } from '../lab/run.ts';

type HostPackages = readonly (readonly [name: string, file: string])[];

/** What the tests of the adapters start by themselves, each known by a file it brings. */
const serverPackages: HostPackages = [
  ['etcd-server', '/usr/bin/etcd'],
  ['etcd-client', '/usr/bin/etcdctl'],
  ['postgresql-15', '/usr/lib/postgresql/15/bin/postgres'],
  ['openssl', '/usr/bin/openssl'],
  ['fence-agents', '/usr/sbin/fence_dummy'],
  ['resource-agents', '/usr/lib/ocf/resource.d/heartbeat/Dummy'],
  ['apache2-bin', '/usr/sbin/apache2'],
  // The agent Filesystem calls them.
  ['kmod', '/sbin/modprobe'],
  ['psmisc', '/bin/fuser'],
  ['e2fsprogs', '/sbin/mkfs.ext4'],
  ['iputils-ping', '/usr/bin/ping'],
  ['iproute2', '/usr/sbin/ip'],
  // An NFSv4 server in user space: no kernel module, no portmapper.
  ['nfs-ganesha', '/usr/bin/ganesha.nfsd'],
];

/** What explores the model of the protocol: spin writes a verifier in C. */
export const modelPackages: HostPackages = [
  ['spin', '/usr/bin/spin'],
  ['gcc', '/usr/bin/gcc'],
  ['libc6-dev', '/usr/include/stdio.h'],
];

const limitMs = 600_000;

/**
 * Installs etcd, PostgreSQL, fence and resource agents, Apache, an NFS server and spin on this host, for the tests only.
 * @throws Error when apt-get fails
 */
export async function ensureTestPackages(
  log: (line: string) => void,
  needed: HostPackages = [...serverPackages, ...modelPackages],
): Promise<void> {
  const missing = needed.filter(([, file]) => !existsSync(file)).map(([name]) => name);
  if (missing.length === 0) return;
  log(`installing on this host: ${missing.join(' ')}`);
  const apt = ['apt-get', '-o', 'DPkg::Lock::Timeout=300', '-q', '-y'];
  const env = {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    DEBIAN_FRONTEND: 'noninteractive',
    LC_ALL: 'C',
    // invoke-rc.d(8): in runlevel 1 nothing is started; the tests bring up servers of their own.
    RUNLEVEL: '1',
  };
  for (const args of [['update'], ['install', '--no-install-recommends', ...missing]]) {
    const argv = [...apt, ...args];
    const result = await run(argv, { timeoutMs: limitMs, env });
    if (result.code !== 0) throw new Error(describeFailure(argv, result, limitMs));
  }
}
