import { afterAll, afterEach, beforeAll } from 'vitest';
import { makePackage } from '../../../deploy/package/make-package.ts';
import { type Cast, Cluster, type ClusterOptions, castOf, nodesOf, waitFor } from '../../cluster/index.ts';
import { ensureHostPackages } from '../../lab/host-packages.ts';
import { Lab, type ReleaseName, type RunResult, type Volume } from '../../lab/index.ts';

/** The shapes that the tests stand on. The client writes to each of them; xCAT's services are not this suite's business. */
export const threeData: Partial<ClusterOptions> = {
  data: ['mn1', 'mn2', 'mn3'],
  witness: undefined,
  services: false,
};
export const twoData: Partial<ClusterOptions> = { data: ['mn1', 'mn2'], witness: 'wit1', services: false };
export const oneData: Partial<ClusterOptions> = { data: ['mn1'], witness: undefined, services: false };

const healthyMs = 120_000;

/** What the nodes are made of, where it is not the lab's first choice. */
interface Machines {
  readonly release?: ReleaseName;
  readonly volumes?: readonly Volume[];
}

/** A cluster that the tests of one file share: made once, and brought back to a healthy state after each of them. */
export class Ground {
  readonly lab: Lab;
  readonly cluster: Cluster;
  #packageFile = '';
  /** The settings of the cluster as it was set up, by its own word. */
  #settings = '';

  constructor(options: Partial<ClusterOptions>, machines: Machines = {}) {
    this.lab = new Lab({ name: process.env['HAMN_LAB'] ?? 'hamnlab-pg', ...machines });
    this.cluster = new Cluster(this.lab, options);
  }

  get nodes(): readonly string[] {
    return nodesOf(this.cluster.options);
  }

  /** What an earlier file left is used again; a cluster of another shape, or one that is broken, is made anew. */
  async begin(): Promise<void> {
    await ensureHostPackages(() => undefined);
    this.#packageFile = await makePackage();
    try {
      await this.cluster.up(this.#packageFile);
      await this.restore();
    } catch {
      await this.#anew();
    }
  }

  async #anew(): Promise<void> {
    await this.cluster.up(this.#packageFile, { fresh: true });
    this.#settings = await this.settings();
  }

  /** As an admin would after a fault: everything on, connected and going, nothing paused, the first settings again. @throws Error when it does not get well */
  async restore(): Promise<void> {
    await this.lab.up(this.nodes);
    await Promise.all(
      this.nodes.map(async (node) => {
        const guard = node === this.cluster.options.witness ? '' : 'hamn-guard.service';
        await this.sh(node, `kill -CONT -1; systemctl start etcd.service ${guard} hamnd.service`, 60_000);
      }),
    );
    if ((await this.cluster.anyStatus())?.paused !== undefined) await this.hamnctl('resume');
    if (this.#settings === '') this.#settings = await this.settings();
    else if ((await this.settings()) !== this.#settings) await this.apply(this.#settings);
    await this.cluster.healthy(healthyMs);
  }

  /** As `restore`; what cannot be healed is made anew, so that one failure stays one. */
  async heal(): Promise<void> {
    await this.restore().catch(() => this.#anew());
  }

  end(): Promise<void> {
    return this.lab.down();
  }

  cast(limitMs = 60_000): Promise<Cast> {
    return castOf(this.cluster, limitMs);
  }

  sh(node: string, command: string, timeoutMs = 20_000): Promise<RunResult> {
    return this.lab.exec(node, ['sh', '-c', command], { timeoutMs });
  }

  /** On the first node that is on: the cluster's word is one everywhere. */
  async hamnctl(...args: readonly string[]): Promise<RunResult> {
    for (const node of this.cluster.options.data)
      if (await this.lab.isOn(node)) return this.hamnctlAt(node, ...args);
    throw new Error('No data node is on.');
  }

  hamnctlAt(node: string, ...args: readonly string[]): Promise<RunResult> {
    return this.lab.exec(node, ['hamnctl', ...args], { timeoutMs: 90_000 });
  }

  /** A statement at a node's own server, whatever its role. @throws LabError */
  async sql(node: string, statement: string, timeoutMs = 15_000): Promise<string> {
    const argv = ['runuser', '-u', 'postgres', '--', 'psql', '-qAtX', '-v', 'ON_ERROR_STOP=1'];
    return (await this.lab.mustExec(node, argv, { timeoutMs, input: statement })).trim();
  }

  async settings(): Promise<string> {
    const said = await waitFor(30_000, 500, async () => {
      const shown = await this.hamnctl('config', 'show');
      return shown.code === 0 ? shown.stdout : undefined;
    });
    if (said === undefined) throw new Error('hamnctl config show does not answer.');
    return said;
  }

  /** As an admin changes settings while all is running. @throws Error when hamn refuses them */
  async apply(text: string): Promise<void> {
    const node = (await this.cluster.primary()) ?? this.cluster.options.data[0] ?? 'mn1';
    await this.lab.writeFile(node, '/root/settings.yaml', text, 0o600);
    const applied = await this.hamnctlAt(node, 'config', 'apply', '/root/settings.yaml', '--yes');
    if (applied.code !== 0)
      throw new Error(`hamnctl config apply ended with ${applied.code}: ${applied.stdout}${applied.stderr}`);
  }

  /** The settings with this in place of that. @throws Error when `pattern` is not in them */
  async change(pattern: RegExp, text: string): Promise<void> {
    const now = await this.settings();
    if (!pattern.test(now)) throw new Error(`The settings have no ${pattern.source}:\n${now}`);
    await this.apply(now.replace(pattern, text));
  }

  /** Waits until `say` gives a text in which `pattern` is found; gives the last text either way, for the assertion to show. */
  async until(pattern: RegExp, limitMs: number, say: () => Promise<string>): Promise<string> {
    let last = '';
    await waitFor(limitMs, 250, async () => {
      last = await say().catch((error: unknown) => String(error));
      return pattern.test(last) ? true : undefined;
    });
    return last;
  }

  /** What a node's hamnd has written since then (wall-clock milliseconds), over restarts of hamnd, too. */
  async journal(node: string, fromWallMs: number): Promise<string> {
    const since = `@${Math.floor(fromWallMs / 1000)}`;
    const argv = ['journalctl', '-u', 'hamnd', '-o', 'cat', '--since', since];
    return this.lab.mustExec(node, argv, { timeoutMs: 30_000 });
  }

  /** The nodes of the recorded synchronous set, in order of their names: `mn1,mn2`. */
  async recordedSet(): Promise<string> {
    return [...((await this.cluster.anyStatus())?.replication?.synchronous ?? [])].sort().join();
  }

  /** All problems that a node's hamnctl shows. */
  async problems(node: string): Promise<string> {
    const status = await this.cluster.status(node);
    const own = status?.nodes.flatMap((each) => each.problems.map((text) => `${each.name}: ${text}`)) ?? [];
    return [...(status?.problems ?? []).map(({ text }) => text), ...own].join('\n');
  }

  /** What must be the same after something that nobody should notice: the term, and the server that serves under it. */
  async term(node: string): Promise<string> {
    const token = (await this.cluster.status(node))?.term?.token;
    // pg_control's timeline is that of the last checkpoint, which may be older.
    const server =
      "select left(pg_walfile_name(pg_current_wal_lsn()), 8) || ', server of ' || pg_postmaster_start_time()";
    return `token ${token}, timeline ${await this.sql(node, server)}`;
  }
}

/** A ground for the tests of the calling file, with its hooks. */
export function useGround(options: Partial<ClusterOptions>, machines?: Machines): Ground {
  const ground = new Ground(options, machines);
  beforeAll(() => ground.begin(), 600_000);
  afterEach(() => ground.heal(), 400_000);
  afterAll(() => ground.end());
  return ground;
}
