import type { NodeId } from './brands.ts';
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
  /** In the order in which they start where `after` does not say otherwise. */
  readonly services: readonly ServiceSettings[];
}

export interface NodeSettings {
  readonly name: NodeId;
  /** How the other nodes reach it: an IPv4 or IPv6 address; never a VIP. */
  readonly address: string;
  readonly role: 'data' | 'witness';
  /** 0 never leads; of candidates that are otherwise equal the higher one does. */
  readonly priority: number;
  readonly apiPort: number;
}

export interface VipSettings {
  /** An address as the kernel prints it: `10.1.0.223` or `fd99::10`. */
  readonly address: string;
  readonly prefixLength: number;
  readonly interface: string;
}

export type ReplicationMode = 'asynchronous' | 'synchronous' | 'strict';

export interface PostgresSettings {
  readonly mode: ReplicationMode;
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
  readonly startTimeoutMs: number;
  readonly stopTimeoutMs: number;
  readonly promoteTimeoutMs: number;
  /** How often a crashed server is restarted in place within the window before the role is given away. */
  readonly restarts: number;
  readonly restartWindowMs: number;
}

export interface ServiceSettings {
  readonly name: string;
  readonly unit: string;
  /** Names of services that must be active first. `postgres` and `vip` always come before every service. */
  readonly after: readonly string[];
  readonly startTimeoutMs: number;
  readonly stopTimeoutMs: number;
  readonly restarts: number;
  readonly restartWindowMs: number;
  /** What follows when the restarts are used up. */
  readonly onFailure: 'degrade' | 'failover' | 'ignore';
}
