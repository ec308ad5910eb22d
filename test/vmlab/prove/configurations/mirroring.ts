import { monotonicMs } from '../../../client/log.ts';
import { castOf, waitFor } from '../../../cluster/index.ts';
import { machineOf } from '../../../lab/index.ts';
import { HEALTHY_LIMIT_MS } from '../../vm-cluster.ts';
import type { VmLab } from '../../vm-lab.ts';
import { demand, type ProofSite, seconds } from '../proof.ts';
import { sourceAt } from './file-server.ts';
import { FILES_UNIT, filesResource, forgetFiles, installFiles } from './numbered-files.ts';
import { untilResources } from './resources.ts';
import { primaryOf } from './settings.ts';

/** What both configurations with mirroring have in common: the database by PostgreSQL, a file system by DRBD, single files by hamn's copy. */

const RESOURCE = 'vmlab';
const DEVICE = '/dev/drbd0';
const MIRRORED = '/mnt/mirror';
/** Below it the service writes. */
export const FILES: string = `${MIRRORED}/vmlab-files`;
const COPIED = '/etc/vmlab-copied';
const IMAGE = '/var/lib/vmlab-mirror.img';
const LOOP = '/dev/loop7';
const MIRROR_UNIT = 'vmlab-mirror.service';
const RESYNC_LIMIT_MS = 300_000;

/** Two nodes alone, as most have them: the danger that DRBD is promoted on both is accepted, and hamn's term keeps it away. */
export const mirroringResources: string = `    resources:
      mirror: {kind: drbd, resource: ${RESOURCE}, device: ${DEVICE}, unfenced: true, promoteTimeout: 120s}
      moved: {kind: mount, source: ${DEVICE}, target: ${MIRRORED}, type: ext4, unfenced: true}
      copies: {kind: sync, paths: [${COPIED}]}
${filesResource(['moved'])}`;

const drbdSettings = (nodes: readonly string[]): string => `resource ${RESOURCE} {
  device ${DEVICE};
  disk ${LOOP};
  meta-disk internal;
  net {
    protocol C;
    ping-int 3;
    ping-timeout 30;
    after-sb-0pri discard-zero-changes;
    after-sb-1pri discard-secondary;
    after-sb-2pri disconnect;
  }
${nodes.map((node) => `  on ${node} { address ${machineOf(node).ipv4}:7789; }\n`).join('')}}
`;

/** The lower device, there before hamnd at each boot. */
const mirrorUnit = `[Unit]
Before=hamnd.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'modprobe loop max_loop=8; losetup ${LOOP} ${IMAGE}'
[Install]
WantedBy=multi-user.target
`;

/** An empty file system on a mirrored device, level on both nodes, and used by nobody. */
export async function prepareMirroring(lab: VmLab, nodes: readonly string[]): Promise<void> {
  const [first = ''] = nodes;
  for (const node of nodes) {
    await lab.writeFile(node, `/etc/drbd.d/${RESOURCE}.res`, drbdSettings(nodes), 0o644);
    await lab.writeFile(node, `/etc/systemd/system/${MIRROR_UNIT}`, mirrorUnit, 0o644);
    const script = `drbdadm down ${RESOURCE} 2>/dev/null || true; losetup -d ${LOOP} 2>/dev/null || true
rm -f ${IMAGE}; truncate -s 64M ${IMAGE}; mkdir -p ${MIRRORED} ${COPIED}
systemctl daemon-reload; systemctl enable ${MIRROR_UNIT}; systemctl restart ${MIRROR_UNIT}
drbdadm create-md --force ${RESOURCE}; drbdadm up ${RESOURCE}`;
    await lab.mustExec(node, ['sh', '-ec', script], { timeoutMs: 180_000 });
  }
  await untilDrbd(lab, first, 'cstate', 'Connected');
  const script = `drbdadm -- --clear-bitmap new-current-uuid ${RESOURCE}/0
drbdadm primary ${RESOURCE}; mkfs.ext4 -q ${DEVICE}; sync; drbdadm secondary ${RESOURCE}`;
  await lab.mustExec(first, ['sh', '-ec', script], { timeoutMs: 180_000 });
  await installFiles(lab, nodes, FILES);
}

async function untilDrbd(lab: VmLab, node: string, what: string, wanted: string): Promise<void> {
  let last = '';
  const seen = await waitFor(RESYNC_LIMIT_MS, 1000, async () => {
    last = (await lab.exec(node, ['drbdadm', what, RESOURCE], { timeoutMs: 20_000 })).stdout.trim();
    return last === wanted ? true : undefined;
  });
  demand(seen === true, `${node}: drbdadm ${what} says '${last}', and not '${wanted}'.`);
}

/** By hamn's word, by DRBD's and by the kernels' tables: primary, mounted and written on one node, level on the other. */
export async function seeMirror(site: ProofSite, primary: string, standby: string): Promise<void> {
  const { lab, saw } = site;
  const begunMs = monotonicMs();
  await untilResources(site, primary, ['mirror', 'moved', 'copies', 'files']);
  await untilDrbd(lab, primary, 'role', 'Primary/Secondary');
  await untilDrbd(lab, primary, 'dstate', 'UpToDate/UpToDate');
  await untilResources(site, standby, ['mirror', 'copies']);
  demand(
    (await sourceAt(lab, primary, MIRRORED)) === DEVICE,
    `${primary} does not have ${MIRRORED} mounted.`,
  );
  demand((await sourceAt(lab, standby, MIRRORED)) === '', `${standby} has ${MIRRORED} mounted, too.`);
  saw(
    `${DEVICE} is primary and mounted on ${primary} only; both copies are level (seen after ${seconds(monotonicMs() - begunMs)}).`,
  );
}

/** A file that is changed on one node is on the other; gives its text. */
export async function seeCopy({ lab, saw }: ProofSite, primary: string, standby: string): Promise<string> {
  const text = `changed on ${primary} at ${Date.now()}`;
  const begunMs = monotonicMs();
  await lab.writeFile(primary, `${COPIED}/file`, text, 0o644);
  const seen = await waitFor(120_000, 500, async () =>
    (await copyOn(lab, standby)) === text ? true : undefined,
  );
  demand(seen === true, `${standby} did not get what was changed below ${COPIED}.`);
  saw(
    `What was changed below ${COPIED} is on ${standby} after ${seconds(monotonicMs() - begunMs)}, two logins included.`,
  );
  return text;
}

export const copyOn = async (lab: VmLab, node: string): Promise<string> =>
  (await lab.exec(node, ['cat', `${COPIED}/file`], { timeoutMs: 20_000 })).stdout.trim();

/** Everything that it needed is gone from the nodes; the settings are the plain ones again. */
export async function endMirroring({ lab, cluster }: ProofSite): Promise<void> {
  const script = `systemctl stop ${FILES_UNIT}; umount ${MIRRORED}; drbdadm down ${RESOURCE}
systemctl disable --now ${MIRROR_UNIT}; losetup -d ${LOOP}; rm -rf ${IMAGE} /etc/drbd.d/${RESOURCE}.res ${COPIED}`;
  for (const node of cluster.options.data) await lab.exec(node, ['sh', '-c', script], { timeoutMs: 120_000 });
}

/** While the settings still have it. */
export async function forgetMirroring(site: ProofSite): Promise<void> {
  await site.lab.up(site.cluster.options.data);
  await castOf(site.cluster, HEALTHY_LIMIT_MS);
  await forgetFiles(site.lab, await primaryOf(site));
}
