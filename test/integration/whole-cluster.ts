import { makePackage } from '../../deploy/package/make-package.ts';
import { Cluster, vip4, waitFor } from '../cluster/index.ts';
import { ensureHostPackages } from '../lab/host-packages.ts';
import { Lab, type RunResult } from '../lab/index.ts';

/** A lab of its own: nobody else's cluster is disturbed (HAMN_LAB names another). The files that use it run one after the other and leave it healthy. */
export const lab: Lab = new Lab({ name: process.env['HAMN_LAB'] ?? 'hamnlab-int' });
export const cluster: Cluster = new Cluster(lab);

/** The whole product on three machines. What an earlier file left is used again; a cluster that a failed test left broken is made anew. */
export async function bringUp(): Promise<void> {
  const say = (): void => undefined;
  await ensureHostPackages(say);
  const packageFile = await makePackage();
  try {
    await cluster.up(packageFile);
  } catch {
    await cluster.up(packageFile, { fresh: true });
  }
}

export interface Roles {
  readonly primary: string;
  readonly standby: string;
}

export async function roles(): Promise<Roles> {
  const status = await cluster.healthy(60_000);
  const primary = status.primary?.node ?? '';
  const standby = cluster.options.data.find((node) => node !== primary) ?? '';
  return { primary, standby };
}

export const sh = (node: string, command: string, timeoutMs = 20_000): Promise<RunResult> =>
  lab.exec(node, ['sh', '-c', command], { timeoutMs });

export const hamnctl = (node: string, ...args: readonly string[]): Promise<RunResult> =>
  lab.exec(node, ['hamnctl', ...args], { timeoutMs: 90_000 });

/** From the standby, as an admin anywhere would: to whoever has the VIP. */
export const xcat = (node: string, ...command: readonly string[]): Promise<RunResult> =>
  lab.exec(node, ['env', `XCATHOST=${vip4}`, `/opt/xcat/bin/${command[0] ?? ''}`, ...command.slice(1)], {
    timeoutMs: 20_000,
  });

export async function sql(node: string, statement: string): Promise<string> {
  const argv = ['runuser', '-u', 'postgres', '--', 'psql', '-qAtX', '-c', statement];
  return (await lab.mustExec(node, argv, { timeoutMs: 15_000 })).trim();
}

/** Waits until `say` gives a text in which `pattern` is found; gives the last text either way, for the assertion to show. */
export async function until(pattern: RegExp, limitMs: number, say: () => Promise<string>): Promise<string> {
  let last = '';
  await waitFor(limitMs, 250, async () => {
    last = await say().catch((error: unknown) => String(error));
    return pattern.test(last) ? true : undefined;
  });
  return last;
}

/** All problems that a node's hamnctl shows, with their remedies. */
export async function problems(node: string): Promise<string> {
  const status = await cluster.status(node);
  if (status === undefined) return `hamnctl status does not answer on ${node}`;
  const own = status.nodes.flatMap((each) => each.problems.map((text) => `${each.name}: ${text}`));
  return [
    ...status.missing,
    ...status.problems.map(({ text, remedy }) => `${text} ${remedy ?? ''}`),
    ...own,
  ].join('\n');
}
