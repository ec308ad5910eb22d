import type { ClockPort } from './clock.ts';
import type { CrontabPort } from './crontab.ts';
import type { FencingPort } from './fencing.ts';
import type { GuardPort } from './guard.ts';
import type { JournalPort } from './journal.ts';
import type { LocalPort } from './local.ts';
import type { PeerPort } from './peers.ts';
import type { PostgresPort } from './postgres.ts';
import type { ResourcePort } from './resources.ts';
import type { StorePort } from './store.ts';
import type { UnitPort } from './units.ts';
import type { VipPort } from './vip.ts';

/** Everything outside. A group without PostgreSQL has no `postgres`. */
export interface Ports {
  readonly clock: ClockPort;
  readonly store: StorePort;
  readonly peers: PeerPort;
  readonly guard: GuardPort;
  readonly fencing: FencingPort;
  readonly postgres: PostgresPort | undefined;
  readonly vip: VipPort;
  readonly units: UnitPort;
  /** Absent on a witness. */
  readonly resources?: ResourcePort | undefined;
  readonly local: LocalPort;
  /** Absent on a witness. */
  readonly crontab?: CrontabPort | undefined;
  readonly journal: JournalPort;
}
