import {
  factsOf,
  type GroupSettings,
  type GroupView,
  type LocalFacts,
  lineToRecord,
  type Memory,
  type NodeId,
  type Observation,
  presentValue,
  whyNotItself,
} from '@hamn/core';
import type { Ports } from '../ports/all.ts';

/** What ties this machine to its name: the facts on its own disk, and the reasons not to act under that name. */
export class Membership {
  readonly #me: NodeId;
  readonly #ports: Pick<Ports, 'clock' | 'local'>;

  constructor(me: NodeId, ports: Pick<Ports, 'clock' | 'local'>) {
    this.#me = me;
    this.#ports = ports;
  }

  facts(settings: GroupSettings): LocalFacts {
    return this.#ports.local.facts(settings.nodes.find((node) => node.name === this.#me)?.address);
  }

  /** Asked at each promise, too: the first may come before the first tick. */
  whyNot(settings: GroupSettings, group: GroupView | undefined, twin: Memory['twin']): string | undefined {
    const { termMs } = settings.timings;
    const now = this.#ports.clock.now();
    return whyNotItself({ me: this.#me, local: this.facts(settings), group, twin, termMs, now });
  }

  /** Once this node is part of the group its disk says so, and of which; and whose WAL its database holds. */
  async record(seen: Observation, memory: Memory): Promise<void> {
    const { local, term } = seen;
    const { group } = term;
    const line = lineToRecord(factsOf(seen, memory));
    if (line !== undefined) await this.#ports.local.recordLine(line);
    if (group?.leader.kind !== 'present') return;
    const identity = presentValue(group.identity)?.id;
    const isNew = local.identity === undefined && identity !== undefined;
    if (!local.managed || isNew) await this.#ports.local.recordManaged(identity);
  }
}
