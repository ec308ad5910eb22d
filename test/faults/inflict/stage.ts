import type { Cluster } from '../../cluster/index.ts';
import { type LabFaults, machineOf } from '../../lab/index.ts';
import type { Who } from '../plan/fault-kinds.ts';
import type { PowerKeeper } from './power-keeper.ts';

/** What a round is played on. */
export interface Stage {
  readonly cluster: Cluster;
  readonly faults: LabFaults;
  readonly power: PowerKeeper;
  /** Who was what when the round began. */
  readonly cast: Readonly<Record<Who, string>>;
  /** A line for the timeline. */
  readonly note: (text: string) => void;
}

export const membersOf = ({ cast }: Stage): readonly string[] => [cast.primary, cast.standby, cast.witness];

/** Runs hamnctl, etcdctl or systemctl on a node as an operator does; what it said when it failed. A node that is off is a failure, too. */
export async function operate(
  { cluster }: Stage,
  node: string,
  argv: readonly string[],
  timeoutMs: number,
): Promise<{ readonly ok: boolean; readonly said: string }> {
  try {
    const result = await cluster.lab.exec(node, argv, { timeoutMs });
    const said = `${result.stdout}${result.stderr}`.trim();
    return { ok: result.code === 0, said: result.timedOut ? `no end within ${timeoutMs} ms` : said };
  } catch (error) {
    return { ok: false, said: error instanceof Error ? error.message : String(error) };
  }
}

/** etcdctl on a node, asking the members of `endpoints`. */
export function etcdctl(endpoints: readonly string[], words: readonly string[]): readonly string[] {
  const tls = '/etc/hamn/tls';
  return [
    'env',
    'ETCDCTL_API=3',
    'etcdctl',
    `--endpoints=${endpoints.map((name) => `https://${machineOf(name).ipv4}:2379`).join(',')}`,
    `--cacert=${tls}/ca.crt`,
    `--cert=${tls}/node.crt`,
    `--key=${tls}/node.key`,
    '--command-timeout=3s',
    ...words,
  ];
}
