/** Of one DRBD resource on this node, in DRBD's own words. */
export interface DrbdState {
  readonly role: string;
  /** Of each volume here. */
  readonly disks: readonly string[];
  /** False: DRBD holds its writes back, or fails them, because too few nodes are there. */
  readonly hasQuorum: boolean;
  readonly peers: readonly DrbdPeer[];
}

export interface DrbdPeer {
  /** Empty where it is not known (8.4). */
  readonly name: string;
  readonly connection: string;
  readonly role: string;
  readonly disks: readonly string[];
  /** `SyncTarget` and the like; undefined where nothing is copied. */
  readonly sync: { readonly state: string; readonly percent: number | undefined } | undefined;
}

const syncStates = /^(?:SyncSource|SyncTarget|PausedSync[ST]|StartingSync[ST]|WFBitMap[ST]|WFSyncUUID)$/;

export const isSync = (state: string): boolean => syncStates.test(state);
