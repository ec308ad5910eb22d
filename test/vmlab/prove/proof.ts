import type { Cluster, Recorder } from '../../cluster/index.ts';
import type { VmLab } from '../vm-lab.ts';

/** What a proof works on: a healthy cluster, and a client that commits rows through the VIP all the time. */
export interface ProofSite {
  readonly lab: VmLab;
  readonly cluster: Cluster<VmLab>;
  readonly recorder: Recorder;
  /** One line of what was seen. */
  readonly saw: (line: string) => void;
}

export interface Proof {
  readonly name: string;
  /** What it shows, for the list. */
  readonly text: string;
  /** The data nodes that must have a kernel of their own; where it is not `both`, the primary. */
  readonly both?: boolean;
  /** Virtual machines beside the cluster's that it needs, such as a file server. They start with what they have on their disks. */
  readonly machines?: readonly string[];
  /** Leaves the cluster healthy. @throws ProofFailed where the thing was not seen */
  readonly run: (site: ProofSite) => Promise<void>;
}

export class ProofFailed extends Error {}

/** The proof ends here unless `seen`. */
export function demand(seen: boolean, sentence: string): asserts seen {
  if (!seen) throw new ProofFailed(sentence);
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
