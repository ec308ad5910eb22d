import type { Cluster } from './cluster.ts';
import { waitFor } from './wait-for.ts';

const file = '/root/settings.yaml';

/** The cluster's settings, by its own word. @throws Error when hamn does not answer */
export async function settingsOf({ lab }: Cluster, node: string): Promise<string> {
  const said = await waitFor(30_000, 500, async () => {
    const shown = await lab.exec(node, ['hamnctl', 'config', 'show'], { timeoutMs: 30_000 });
    return shown.code === 0 ? shown.stdout : undefined;
  });
  if (said === undefined) throw new Error(`hamnctl config show does not answer on ${node}.`);
  return said;
}

/** As an admin changes settings while all is running. @throws Error when hamn refuses them */
export async function applySettings({ lab }: Cluster, node: string, text: string): Promise<void> {
  await lab.writeFile(node, file, text, 0o600);
  const argv = ['hamnctl', 'config', 'apply', file, '--yes'];
  const applied = await lab.exec(node, argv, { timeoutMs: 60_000 });
  if (applied.code !== 0)
    throw new Error(`hamnctl config apply ended with ${applied.code}: ${applied.stdout}${applied.stderr}`);
}
