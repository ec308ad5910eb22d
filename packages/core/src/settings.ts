import type { NodeId } from './brands.ts';
import type { ResourceSettings } from './resources/resource.ts';
import type { ServiceNodesSettings } from './service-nodes/settings.ts';
import type { Timings } from './timings.ts';

/** The cluster's settings for one group, validated and with every default filled in. The config package makes it. */
export interface GroupSettings {
  readonly cluster: string;
  readonly group: string;
  readonly timings: Timings;
  readonly failover: 'automatic' | 'manual';
  readonly nodes: readonly NodeSettings[];
  readonly vips: readonly VipSettings[];
  readonly postgres: PostgresSettings | undefined;
  /** All that is started and stopped with a role, the VIPs and the database among it. */
  readonly resources: readonly ResourceSettings[];
  /** How other nodes are made harmless from outside; undefined where no device is configured. */
  readonly fencing: FencingSettings | undefined;
  /** xCAT's service nodes that the primary looks after; undefined or left out where none are listed. */
  readonly serviceNodes?: ServiceNodesSettings | undefined;
}

/** Fencing of other nodes. */
export interface FencingSettings {
  /**
   * `manual`: only by `hamnctl fence`. `automatic`: a candidate fences a silent primary, and does not wait for T once that is confirmed.
   * `required`: a term that was not released is taken only after a confirmed fence of its holder.
   */
  readonly mode: 'manual' | 'automatic' | 'required';
  /** Silence of the primary after which a candidate begins to fence it. */
  readonly afterMs: number;
  /** How often each node asks its devices for their status. */
  readonly checkEveryMs: number;
  readonly devices: readonly FenceDevice[];
  readonly nodes: readonly FencedNode[];
}

/** One power switch or management controller, and the `fence_*` agent that talks to it. */
export interface FenceDevice {
  readonly name: string;
  /** The agent's program, such as `fence_ipmilan`. */
  readonly agent: string;
  /** What the agent is given on its standard input. A secret is named by the file that holds it, on the node that runs the agent. */
  readonly options: Readonly<Record<string, string | { readonly file: string }>>;
  /** The limit of one run of the agent. */
  readonly timeoutMs: number;
  /** Further runs after one that failed. */
  readonly retries: number;
}

/** How one node is fenced. */
export interface FencedNode {
  readonly node: NodeId;
  /** `reboot`: switched on again after it was verified to be off. */
  readonly action: 'off' | 'reboot';
  /** Waited before the first device is used, so that two nodes do not shoot each other at one instant. */
  readonly delayMs: number;
  /** Tried in order; a level succeeds when every device in it did. */
  readonly levels: readonly (readonly FenceStep[])[];
}

export interface FenceStep {
  readonly device: string;
  /** The outlet or machine that the device knows the node by, where it serves more than one. */
  readonly plug: string | undefined;
}

/** `pdu-a:3` is the plug 3 of pdu-a. */
export const outletName = ({ device, plug }: FenceStep): string =>
  plug === undefined ? device : `${device}:${plug}`;

export interface NodeSettings {
  readonly name: NodeId;
  /** How the other nodes reach it: an IPv4 or IPv6 address; never a VIP. */
  readonly address: string;
  readonly role: 'data' | 'witness';
  /** 0 never leads; of candidates that are otherwise equal the higher one does. */
  readonly priority: number;
  /** It never leads; the same as priority 0 (see `neverLeads`). */
  readonly nofailover?: boolean | undefined;
  /** No commit waits for it. */
  readonly nosync?: boolean | undefined;
  /** While it streams, others are cloned from it rather than from the primary. */
  readonly clonefrom?: boolean | undefined;
  /** The standby that it receives from, rather than from the primary; no commit waits for it then. */
  readonly replicatefrom?: NodeId | undefined;
  readonly apiPort: number;
}

/** Two ways to say it, one meaning. */
export const neverLeads = (node: Pick<NodeSettings, 'priority' | 'nofailover'>): boolean =>
  node.priority === 0 || node.nofailover === true;

/** No commit ever waits for it. */
export const neverSynchronous = (node: {
  readonly nosync?: boolean | undefined;
  readonly replicatefrom?: string | undefined;
}): boolean => node.nosync === true || node.replicatefrom !== undefined;

export interface VipSettings {
  /** An address as the kernel prints it: `10.1.0.223` or `fd99::10`. */
  readonly address: string;
  readonly prefixLength: number;
  readonly interface: string;
}

export type ReplicationMode = 'asynchronous' | 'synchronous' | 'strict' | 'quorum';

export interface PostgresSettings {
  readonly mode: ReplicationMode;
  /** Mode quorum: on how many standbys a write must be before it is acknowledged. Absent: 1. */
  readonly quorum?: number | undefined;
  /** Asynchronous mode: a standby that is further behind than this is not promoted by itself. */
  readonly maxLagBytes: number;
  /** The distribution's unit, for example `postgresql@15-main.service`. */
  readonly unit: string;
  readonly dataDirectory: string;
  /** Where hamn's include file goes: a directory that postgresql.conf includes, for example `/etc/postgresql/15/main/conf.d`. */
  readonly includeDirectory: string;
  /** Where `pg_rewind`, `pg_basebackup` and `pg_controldata` are. */
  readonly binDirectory: string;
  readonly port: number;
  /** A superuser role with LOGIN and REPLICATION that hamn uses, locally over 127.0.0.1 and between nodes. */
  readonly user: string;
  /** A file, readable by root only, with that role's password. */
  readonly passwordFile: string;
  readonly osUser: string;
  /** TLS between the nodes' databases. Undefined: what libpq does by itself, and none for hamn's own sessions. */
  readonly tls?: PostgresTls | undefined;
  /** Settings of PostgreSQL's own that hamn.conf carries on every node, by name. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  readonly startTimeoutMs: number;
  readonly stopTimeoutMs: number;
  readonly promoteTimeoutMs: number;
  /** How long the WAL of what only this node had is kept after a rewind or clone. */
  readonly keepDivergedMs: number;
  /** How often a crashed server is restarted in place within the window before the role is given away. */
  readonly restarts: number;
  readonly restartWindowMs: number;
  /** Absent: hamn's own figures. */
  readonly handover?: HandoverSettings | undefined;
  /** How long the replication slot of an absent node is kept. Absent (settings kept by an older version): the default. */
  readonly slotAbsenceMs?: number | undefined;
  /** With less free space where pg_wal is, slots that nobody uses are given up. Absent: the default. */
  readonly slotFreeBytes?: number | undefined;
  /**
   * What follows a crash of the primary's server: `restart` in place, `failover` to a node that can, or what is `faster` for the user by the WAL that
   * a restart has to replay.
   */
  readonly onCrash: 'restart' | 'failover' | 'faster';
  /** A write that has not come back for this long: the storage hangs. */
  readonly storageTimeoutMs: number;
}

/** What a switchover holds to. */
export interface HandoverSettings {
  /** Nothing is stopped before the target lacks at most this much of the WAL, flushed and replayed. */
  readonly maxLagBytes: number;
  /** How long that is waited for; then the hand-over is refused and nothing was stopped. */
  readonly catchUpMs: number;
  /** How long a fast stop may take before PostgreSQL is stopped at once. */
  readonly stopMs: number;
}

/** Where a server is and how it is reached: what an adapter is built with. All else may change while it runs. */
export type PostgresSite = Pick<
  PostgresSettings,
  | 'unit'
  | 'dataDirectory'
  | 'includeDirectory'
  | 'binDirectory'
  | 'port'
  | 'user'
  | 'passwordFile'
  | 'osUser'
  | 'tls'
  | 'parameters'
  | 'storageTimeoutMs'
>;

export const postgresSite = (settings: PostgresSettings): PostgresSite => {
  const { unit, dataDirectory, includeDirectory, binDirectory, port, user, passwordFile, osUser } = settings;
  const { tls, parameters, storageTimeoutMs } = settings;
  return {
    unit,
    dataDirectory,
    includeDirectory,
    binDirectory,
    port,
    user,
    passwordFile,
    osUser,
    tls,
    parameters,
    storageTimeoutMs,
  };
};

/** How the nodes' databases speak TLS with each other. The files are those of the node that connects, readable by root only. */
export interface PostgresTls {
  /** libpq's sslmode: whether the other side's certificate is asked for, checked against the CA, and its name compared with the node's. */
  readonly mode: 'off' | 'require' | 'verify-ca' | 'verify-full';
  /** The certificate of the CA that signed the servers' ones; undefined only where nothing is checked. */
  readonly rootCert: string | undefined;
  /** What this node shows of itself; both or none. */
  readonly client: { readonly cert: string; readonly key: string } | undefined;
}
