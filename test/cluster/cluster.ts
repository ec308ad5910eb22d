import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type StatusDocument, statusSchema } from '@hamn/api';
import { isServing } from '@hamn/core';
import type { Lab, RunResult } from '../lab/index.ts';
import { nodeDir } from '../lab/layout.ts';
import { makeCertificates } from './certificates.ts';
import { prepareDatabases } from './database.ts';
import { startEtcd } from './etcd-member.ts';
import { installPackage } from './install.ts';
import type { Machines } from './machines.ts';
import { type ClusterOptions, clusterFile, defaultCluster, nodeFile, nodesOf } from './options.ts';
import { installServices } from './services.ts';
import { waitFor } from './wait-for.ts';
import { installXcatServices } from './xcat-services.ts';

export type Progress = (line: string) => void;

/** A hamn cluster in the lab, set up as an admin sets one up: package, certificates, etcd, database, `hamnctl init`, units. */
export class Cluster<L extends Machines = Lab> {
  readonly lab: L;
  readonly options: ClusterOptions;
  readonly #log: Progress;
  #packageFile = '';

  constructor(lab: L, options: Partial<ClusterOptions> = {}, log: Progress = () => undefined) {
    this.lab = lab;
    this.options = { ...defaultCluster, ...options };
    this.#log = log;
  }

  /**
   * Ready to fail over afterwards. What an earlier run made with the same package and options is used again, unless that run was broken
   * off while other settings were in force: then everything is made anew.
   */
  async up(packageFile: string, { fresh = false }: { readonly fresh?: boolean } = {}): Promise<void> {
    this.#packageFile = packageFile;
    const reuse = !fresh && this.isSetUp(packageFile);
    await this.lab.up(nodesOf(this.options), { fresh: !reuse });
    if (!reuse) {
      await this.#setUp(packageFile);
      for (const mark of this.#marks) writeFileSync(mark, this.#made(packageFile));
    } else if (!this.isSetUp(packageFile)) {
      this.#log('disks were made anew, since what they stood on has changed');
      return this.up(packageFile, { fresh: true });
    }
    const { primary } = await this.healthy(120_000);
    if (!reuse || (await this.#hasItsSettings(primary?.node ?? ''))) return;
    this.#log('other settings are in force than those of this cluster');
    await this.up(packageFile, { fresh: true });
  }

  async #hasItsSettings(node: string): Promise<boolean> {
    const shown = await this.lab.mustExec(node, ['hamnctl', 'config', 'show'], { timeoutMs: 20_000 });
    return shown.trim() === clusterFile(this.options, this.lab.release.postgres).trim();
  }

  /** Whether the machines' disks hold a cluster of this package and these options. */
  isSetUp(packageFile: string): boolean {
    const made = this.#made(packageFile);
    return this.#marks.every((mark) => existsSync(mark) && readFileSync(mark, 'utf8') === made);
  }

  /** The next `up` makes all anew: what broke a promise, or was hurt by root, is no ground to stand on. */
  forget(): void {
    for (const mark of this.#marks) rmSync(mark, { force: true });
  }

  /** One beside each machine's disk, with which it goes. */
  get #marks(): string[] {
    return nodesOf(this.options).map((node) => join(nodeDir(this.lab.layout, node), 'cluster.json'));
  }

  #made(packageFile: string): string {
    return JSON.stringify({
      options: this.options,
      release: this.lab.release,
      recipe: recipe(),
      package: digest(packageFile),
    });
  }

  /** The package is installed once more, which restarts the guard and hamnd as an upgrade does. */
  upgrade(node: string): Promise<void> {
    return installPackage(this.lab, node, this.#packageFile);
  }

  async #setUp(packageFile: string): Promise<void> {
    const { lab, options } = this;
    const nodes = nodesOf(options);
    const [first = 'mn1'] = options.data;
    this.#log(`installing ${packageFile.split('/').at(-1) ?? ''} on ${nodes.join(', ')}`);
    await Promise.all(nodes.map((name) => installPackage(lab, name, packageFile)));
    this.#log('making the CA and the certificates (hamnctl certs)');
    await makeCertificates(lab, options);
    this.#log('starting etcd with TLS on every node');
    await startEtcd(lab, options);
    this.#log(`preparing an xCAT database on ${first}`);
    await prepareDatabases(lab, options);
    if (options.services === 'preset') {
      this.#log('installing what an xCAT management node serves, and the doubles of xcatd and its commands');
      await installXcatServices(lab, options);
    } else if (options.services) {
      this.#log('installing dhcpd’s configuration and the xcatd double');
      await installServices(lab, options);
    }
    await Promise.all(
      nodes.map((name) => lab.writeFile(name, '/etc/hamn/hamn.yaml', nodeFile(options, name), 0o644)),
    );
    await lab.writeFile(first, '/etc/hamn/cluster.yaml', clusterFile(options, lab.release.postgres), 0o644);
    this.#log('hamnctl init');
    await lab.mustExec(first, ['hamnctl', 'init', '--file', '/etc/hamn/cluster.yaml'], { timeoutMs: 60_000 });
    this.#log('starting hamnd on every node');
    await Promise.all(
      nodes.map((name) =>
        lab.mustExec(
          name,
          [
            'systemctl',
            'enable',
            '--now',
            ...(name === options.witness ? [] : ['hamn-guard.service']),
            'hamnd.service',
          ],
          { timeoutMs: 60_000 },
        ),
      ),
    );
  }

  /** What hamnctl says on a node; undefined while it does not answer. */
  async status(node: string): Promise<StatusDocument | undefined> {
    const asked: RunResult | undefined = await this.lab
      .exec(node, ['hamnctl', 'status', '--json'], { timeoutMs: 10_000 })
      .catch(() => undefined);
    if (asked === undefined) return undefined;
    try {
      return statusSchema.parse(JSON.parse(asked.stdout));
    } catch {
      return undefined;
    }
  }

  /** What the first node says that answers: the witness is asked first. */
  async anyStatus(): Promise<StatusDocument | undefined> {
    const { witness, data } = this.options;
    for (const node of witness === undefined ? data : [witness, ...data]) {
      const said = await this.status(node);
      if (said !== undefined) return said;
    }
    return undefined;
  }

  /** Waits until there is a primary with everything, and every other data node is a streaming standby of it. */
  async healthy(limitMs: number, asked?: string): Promise<StatusDocument> {
    let last: StatusDocument | undefined;
    const found = await waitFor(limitMs, 300, async () => {
      last = asked === undefined ? await this.anyStatus() : await this.status(asked);
      return last !== undefined && isHealthy(last, this.options) ? last : undefined;
    });
    if (found !== undefined) return found;
    const why = last === undefined ? 'hamnctl status does not answer' : whatIsMissing(last, this.options);
    throw new Error(`The cluster is not healthy after ${limitMs} ms: ${why}`);
  }

  /** Who is primary, by the keys that `node` reads. */
  async primary(node?: string): Promise<string | undefined> {
    const said = node === undefined ? await this.anyStatus() : await this.status(node);
    return said?.primary?.node;
  }
}

export const isHealthy = (status: StatusDocument, options: ClusterOptions): boolean =>
  whatIsMissing(status, options) === '';

/** A sentence for each thing that is not as it should be; empty when all is well. */
export function whatIsMissing(status: StatusDocument, options: ClusterOptions): string {
  const missing: string[] = [];
  const primary = status.nodes.find((node) => node.role === 'primary');
  if (primary?.postgres?.state !== 'primary') missing.push('no primary that is writable');
  for (const vip of status.vips)
    if (vip.holder !== primary?.name) missing.push(`the VIP ${vip.address} is not at the primary`);
  for (const service of primary?.services ?? [])
    if (!isServing(service.state)) missing.push(`${service.name} is ${service.state}`);
  for (const name of options.data) {
    const node = status.nodes.find((candidate) => candidate.name === name);
    if (name === primary?.name) continue;
    if (node?.postgres?.streaming !== true)
      missing.push(`${name} does not stream (${node?.doing ?? 'unknown'})`);
    if (node?.candidacy?.eligible !== true && !neverLeads(node?.candidacy?.reasons ?? []))
      missing.push(`${name} is no candidate (${node?.candidacy?.reasons.join(' ') ?? 'unknown'})`);
  }
  if (
    status.replication?.mode !== 'asynchronous' &&
    (status.replication?.synchronous.length ?? 0) < options.data.length
  )
    missing.push('the synchronous set is not full');
  return missing.join('; ');
}

/** A node of priority 0 is no candidate, and that is well. */
const neverLeads = (reasons: readonly string[]): boolean => reasons.join() === 'Its priority is 0.';

const digest = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Changes of this folder make a cluster anew. */
function recipe(): string {
  const files = [
    'options.ts',
    'etcd-member.ts',
    'certificates.ts',
    'database.ts',
    'services.ts',
    'xcat-services.ts',
    'install.ts',
    'cluster.ts',
  ];
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(import.meta.dirname, file)));
  return hash.digest('hex');
}
