import { vip4, waitFor } from '../../../cluster/index.ts';
import { clusterFile } from '../../../cluster/options.ts';
import { HEALTHY_LIMIT_MS } from '../../vm-cluster.ts';
import { demand, type ProofSite } from '../proof.ts';

/** What a configuration adds to the settings of the proofs' cluster. */
export interface Configuration {
  readonly failover: 'automatic' | 'manual';
  /** Further settings of the group, indented as such: `    resources:` and what is below it. */
  readonly group: string;
  /** Further settings of the whole cluster, such as `fencing:`. */
  readonly whole?: string;
}

const SETTINGS_FILE = '/root/vmlab-settings.yaml';

export function settingsOf({ lab, cluster }: ProofSite, configuration: Configuration): string {
  const { failover, group, whole = '' } = configuration;
  const plain = clusterFile(cluster.options, lab.release.postgres);
  return `${plain.replace('failover: automatic', `failover: ${failover}`)}${group}${whole}`;
}

/** Where hamnctl is asked: the witness is quick, and no fault of a proof is its own. */
export const askedNode = ({ cluster }: ProofSite): string =>
  cluster.options.witness ?? cluster.options.data[0] ?? '';

/** Puts a configuration in force, runs the proof under it, and puts the plain settings of the cluster back, however the proof ended. */
export async function underConfiguration(
  site: ProofSite,
  configuration: Configuration,
  run: () => Promise<void>,
): Promise<void> {
  const plain = settingsOf(site, { failover: 'automatic', group: '' });
  try {
    await applySettings(site, settingsOf(site, configuration));
    await run();
  } finally {
    await applySettings(site, plain);
  }
}

/** As an admin applies them. Who has the role goes on. */
export async function applySettings(site: ProofSite, text: string): Promise<void> {
  const node = askedNode(site);
  await site.lab.writeFile(node, SETTINGS_FILE, text, 0o600);
  const applied = await site.lab.exec(node, ['hamnctl', 'config', 'apply', SETTINGS_FILE, '--yes'], {
    timeoutMs: 120_000,
  });
  demand(applied.code === 0, `The settings were not applied: ${applied.stdout}${applied.stderr}`);
}

/** Waits until a node has the role and its database is writable; gives its name. Resources may still be on their way. */
export async function primaryOf(site: ProofSite, but?: string): Promise<string> {
  const found = await waitFor(HEALTHY_LIMIT_MS, 1000, async () => {
    const status = await site.cluster.anyStatus();
    const primary = status?.nodes.find((node) => node.role === 'primary' && node.name !== but);
    const isThere = primary?.postgres?.state === 'primary' && primary.vips.some((vip) => vip.includes(vip4));
    return isThere ? primary.name : undefined;
  });
  demand(found !== undefined, `No node${but === undefined ? '' : ` but ${but}`} has the role.`);
  return found;
}
