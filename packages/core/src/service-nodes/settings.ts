import type { Brand } from '../brands.ts';

/** A service node's name: its object in xCAT's tables, and what `servicenode` says. */
export type ServiceNodeId = Brand<string, 'ServiceNodeId'>;

/** The name of a node that a service node serves. */
export type ClientNodeId = Brand<string, 'ClientNodeId'>;

export const serviceNodeId = (text: string): ServiceNodeId => text as ServiceNodeId;
export const clientNodeId = (text: string): ClientNodeId => text as ClientNodeId;

/**
 * `ping`: the address that the management node uses. `xcatd`: an answer of xcatd on TCP 3001. `nfs`: an answer of its NFS server.
 * `interface`: ping of the address that its nodes use.
 */
export const probeKinds = ['ping', 'xcatd', 'nfs', 'interface'] as const;
export type ProbeKind = (typeof probeKinds)[number];

/** `observe`: judge and tell. `propose`: plan too; an admin starts it. `act`: move by itself. Nobody but an admin moves nodes back. */
export const serviceNodeModes = ['observe', 'propose', 'act'] as const;
export type ServiceNodeMode = (typeof serviceNodeModes)[number];

/** One service node, as the settings have it. */
export interface ServiceNode {
  readonly name: ServiceNodeId;
  /** Where the management node reaches it. */
  readonly address: string;
  /** Where its nodes reach it; without it nothing is probed there. */
  readonly nodeAddress: string | undefined;
  /** Its name on the nodes' side: `snmove -D`, and the nodes' `xcatmaster` afterwards. Without it snmove works it out by asking the service node. */
  readonly xcatmaster: string | undefined;
  /** Nodes move between service nodes that have a pool in common. */
  readonly pools: readonly string[];
  /** How many nodes it can serve; undefined: no limit. */
  readonly capacity: number | undefined;
  readonly probes: readonly ProbeKind[];
  /** An admin works on it: not judged, no target, no part of "most seem down". */
  readonly isInMaintenance: boolean;
}

/** When a service node counts as down, and as up again. */
export interface JudgeSettings {
  /** Between two rounds of probes. */
  readonly everyMs: number;
  /** The limit of one probe. */
  readonly limitMs: number;
  /** N: a kind fails when this many of its last `samples` failed; at least 2, so never on one sample. */
  readonly failures: number;
  /** M. */
  readonly samples: number;
  /** This many kinds of probe must fail at once. */
  readonly kinds: number;
  /** So many good samples in a row of every kind make a service node up that was down or suspect. */
  readonly recover: number;
  /** More than this share of the service nodes that seem down (0 to 1): it is the management node itself that is cut off. */
  readonly most: number;
  /** This often down within `flapWithinMs`: flapping, so no target and no way back until the time has passed. */
  readonly flaps: number;
  readonly flapWithinMs: number;
}

/** How nodes are moved. */
export interface MoveSettings {
  /** K: nodes in one snmove. */
  readonly batch: number;
  /** L: snmoves at once. */
  readonly atOnce: number;
  /** The limit of one snmove. */
  readonly limitMs: number;
  /** After a batch that did not move all of its nodes, nothing begins for so long. */
  readonly pauseMs: number;
  /** A node that was moved is not moved again by itself for so long. */
  readonly soakMs: number;
  /** A node that could not be moved so often is left to an admin. */
  readonly tries: number;
  /** `snmove -i`: only xCAT's database is changed, the nodes are left alone. */
  readonly databaseOnly: boolean;
  /** How long a service node must have been up before nodes go back to it. */
  readonly failbackSoakMs: number;
}

export interface ServiceNodesSettings {
  readonly mode: ServiceNodeMode;
  readonly members: readonly ServiceNode[];
  readonly judge: JudgeSettings;
  readonly moves: MoveSettings;
}
