import { monotonicMs } from '../../../client/log.ts';
import { castOf, waitFor } from '../../../cluster/index.ts';
import { HEALTHY_LIMIT_MS } from '../../vm-cluster.ts';
import type { VmLab } from '../../vm-lab.ts';
import { demand, type ProofSite, seconds } from '../proof.ts';
import { exported, FILE_SERVER, knowFileServer, serveFiles, sourceAt } from './file-server.ts';
import { filesResource, forgetFiles, installFiles } from './numbered-files.ts';
import { untilResources } from './resources.ts';
import { primaryOf } from './settings.ts';

/** What both configurations with shared data have in common: docs/configurations/2-manual-shared-data.md and 5-automatic-shared-data.md. */

/** Both nodes have it mounted, whoever has the role. */
export const INSTALL = '/install';
/** Mounted where the role is. */
export const MOVED = '/mnt/xcat';
export const FILES: string = `${INSTALL}/vmlab-files`;

const mount = (folder: string, target: string, more: string): string =>
  `{kind: mount, source: "${exported(folder)}", target: ${target}, type: nfs4, options: [hard]${more}}`;

/** The settings of the group's resources. */
export const sharedDataResources: string = `    resources:
      install: ${mount('install', INSTALL, ', runs: all')}
      moved: ${mount('xcat', MOVED, '')}
${filesResource(['install', 'moved'])}`;

/** The file server, empty, and all that the nodes need of it. */
export async function prepareSharedData(lab: VmLab, nodes: readonly string[]): Promise<void> {
  await knowFileServer(lab, nodes, [INSTALL, MOVED]);
  await serveFiles(lab, ['install', 'xcat']);
  await installFiles(lab, nodes, FILES);
}

/** The share that all have is mounted on both nodes, the other one where the role is only; by the kernels' tables and by hamn's word. */
export async function seeShares(site: ProofSite, primary: string, standby: string): Promise<void> {
  const { lab, saw } = site;
  await untilResources(site, primary, ['install', 'moved', 'files']);
  await untilResources(site, standby, ['install']);
  const places = [
    [primary, INSTALL, exported('install')],
    [standby, INSTALL, exported('install')],
    [primary, MOVED, exported('xcat')],
    [standby, MOVED, ''],
  ] as const;
  for (const [node, target, wanted] of places) {
    const there = await sourceAt(lab, node, target);
    demand(
      there === wanted,
      `${node} has ${there || 'nothing'} on ${target}, and not ${wanted || 'nothing'}.`,
    );
  }
  saw(`${INSTALL} is mounted on ${primary} and ${standby}, ${MOVED} on ${primary} only.`);
}

/** What must not change while the file server is silent. */
export interface Calm {
  readonly token: number;
  /** hamnd's process on each node. */
  readonly processes: readonly string[];
}

export async function calmOf({ lab, cluster }: ProofSite): Promise<Calm> {
  const status = await cluster.anyStatus();
  const processes: string[] = [];
  for (const node of cluster.options.data) {
    const argv = ['systemctl', 'show', '--property=MainPID,NRestarts', 'hamnd.service'];
    processes.push(`${node}: ${(await lab.mustExec(node, argv)).trim().replaceAll('\n', ' ')}`);
  }
  return { token: status?.primary?.token ?? 0, processes };
}

export async function seeCalm(site: ProofSite, before: Calm, when: string): Promise<void> {
  const now = await calmOf(site);
  demand(now.token === before.token, `The role changed hands ${when}.`);
  demand(
    now.processes.join() === before.processes.join(),
    `hamnd began anew ${when}: ${now.processes.join()}.`,
  );
}

/** hamnd itself answers on each data node, not only its neighbours for it. */
export async function seeAnswers({ cluster, saw }: ProofSite): Promise<void> {
  for (const node of cluster.options.data) {
    const begunMs = monotonicMs();
    const status = await waitFor(60_000, 500, async () => {
      const said = await cluster.status(node);
      return said?.source === 'hamnd' ? said : undefined;
    });
    demand(status !== undefined, `hamnd on ${node} does not answer.`);
    saw(`hamnd on ${node} answers (${seconds(monotonicMs() - begunMs)}, a login included).`);
  }
}

/** Gives the nodes and the file server back as the next proof wants them. */
export async function endSharedData(site: ProofSite): Promise<void> {
  const { lab, cluster } = site;
  await lab.resume(FILE_SERVER);
  await lab.up([FILE_SERVER, ...cluster.options.data]);
  await castOf(cluster, HEALTHY_LIMIT_MS);
  await forgetFiles(lab, await primaryOf(site));
}
