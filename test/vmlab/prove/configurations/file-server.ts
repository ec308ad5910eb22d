import { machineOf } from '../../../lab/index.ts';
import type { VmLab } from '../../vm-lab.ts';

/** A virtual machine beside the cluster's, whose kernel serves files: the NAS of the configurations with shared data. */
export const FILE_SERVER = 'sn1';
/** Its name for the nodes, as an admin would write it. */
export const FILE_SERVER_NAME = 'nas';
const EXPORTED = '/srv';

/** How long it waits for clients of its earlier life after a start; a real one 90 s. */
const GRACE_S = 15;

const settings = `[nfsd]
grace-time=${GRACE_S}
lease-time=${GRACE_S}
vers3=n
`;

/** Serves each of these folders to the segment, empty. */
export async function serveFiles(lab: VmLab, folders: readonly string[]): Promise<void> {
  const exports = folders
    .map((folder) => `${EXPORTED}/${folder} 10.99.0.0/24(rw,sync,no_subtree_check,no_root_squash)\n`)
    .join('');
  const paths = folders.map((folder) => `${EXPORTED}/${folder}`).join(' ');
  await lab.writeFile(FILE_SERVER, '/etc/nfs.conf.d/vmlab.conf', settings, 0o644);
  await lab.writeFile(FILE_SERVER, '/etc/exports', exports, 0o644);
  const script = `rm -rf ${paths}; mkdir -p ${paths}; sync; systemctl restart nfs-server.service; exportfs -ra`;
  await lab.mustExec(FILE_SERVER, ['sh', '-ec', script], { timeoutMs: 60_000 });
}

export const exported = (folder: string): string => `${FILE_SERVER_NAME}:${EXPORTED}/${folder}`;

/** The nodes know it by its name, and have the directories that are mounted on; what an earlier proof left mounted there is taken away. */
export async function knowFileServer(
  lab: VmLab,
  nodes: readonly string[],
  targets: readonly string[],
): Promise<void> {
  const { ipv4 } = machineOf(FILE_SERVER);
  const line = `${ipv4} ${FILE_SERVER_NAME}`;
  const script = `grep -q '^${line}$' /etc/hosts || echo '${line}' >>/etc/hosts
for each in ${targets.join(' ')}; do umount -l $each 2>/dev/null || true; mkdir -p $each; done`;
  for (const node of nodes) await lab.mustExec(node, ['sh', '-ec', script], { timeoutMs: 30_000 });
}

/** What the node's kernel has mounted there: `nas:/srv/install`, or nothing. */
export async function sourceAt(lab: VmLab, node: string, target: string): Promise<string> {
  const asked = await lab.exec(node, ['awk', `$2 == "${target}" {print $1}`, '/proc/mounts'], {
    timeoutMs: 20_000,
  });
  return asked.stdout.trim();
}
