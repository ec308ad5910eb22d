import type { Lsn } from './brands.ts';

/** A slot's name: PostgreSQL allows a-z, 0-9 and _ only, 63 bytes at most. */
export const slotName = (node: string): string =>
  `hamn_${node.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_')}`.slice(0, 63);

/** A physical replication slot of hamn's own. */
export interface SlotView {
  readonly name: string;
  /** A standby streams through it now. */
  readonly active: boolean;
  /** WAL from here on is kept; undefined where the slot keeps none. */
  readonly restartLsn: Lsn | undefined;
  /** Its WAL was removed (`max_slot_wal_keep_size`): it keeps nothing any more. */
  readonly lost: boolean;
}

/** One change of one slot. Slots that are not named `hamn_*`, and logical ones, are never the subject. */
export type SlotChange =
  /** Created where it is missing; it keeps WAL from the server's last checkpoint (restartpoint) on. */
  | { readonly do: 'make'; readonly slot: string }
  /** Dropped and made anew, while nobody uses it. */
  | { readonly do: 'renew'; readonly slot: string }
  /** Dropped. `inUse`: even while somebody uses it, who is then disconnected. */
  | { readonly do: 'drop'; readonly slot: string; readonly inUse: boolean }
  /** Keeps WAL from `to` on and no longer what is before; never moved back, never beyond what this server has replayed. */
  | { readonly do: 'advance'; readonly slot: string; readonly to: Lsn };

/** A day of repair costs no clone. */
export const defaultSlotAbsenceMs = 86_400_000;
export const defaultSlotFreeBytes: number = 1024 ** 3;
