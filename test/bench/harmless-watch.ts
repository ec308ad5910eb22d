import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { monotonicMs } from '../client/log.ts';
import { type Cluster, debianUnit } from '../cluster/index.ts';
import { cgroupRoot } from '../lab/cgroup.ts';
import { nodeCgroup } from '../lab/site.ts';

const processes = (major: number): string =>
  `system.slice/system-postgresql.slice/${debianUnit(major)}/cgroup.procs`;

/** Looks from the host, not by hamn's word, when a node's PostgreSQL has no process any more. */
export class HarmlessWatch {
  readonly #file: string;
  #timer: NodeJS.Timeout | undefined;
  #goneAt: number | undefined;

  private constructor(file: string) {
    this.#file = file;
  }

  static async of(cluster: Cluster, node: string): Promise<HarmlessWatch> {
    const { layout, release } = cluster.lab;
    const site = { layout, cgroup: join(await cgroupRoot(), layout.labName) };
    return new HarmlessWatch(join(nodeCgroup(site, node), processes(release.postgres)));
  }

  start(): void {
    this.#timer = setInterval(() => {
      if (this.#goneAt === undefined && this.#processes() === 0) this.#goneAt = monotonicMs();
    }, 5);
  }

  /** Monotonic milliseconds at which no process was left; undefined while there is one. */
  get goneAt(): number | undefined {
    return this.#goneAt;
  }

  /** Ends the look; the same as `goneAt`. */
  stop(): number | undefined {
    clearInterval(this.#timer);
    return this.#goneAt;
  }

  #processes(): number {
    try {
      return readFileSync(this.#file, 'utf8')
        .split('\n')
        .filter((line) => line !== '').length;
    } catch {
      return 0;
    }
  }
}
