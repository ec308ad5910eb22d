import { type Observation, presentValue } from '@hamn/core';
import type { ReceiverView } from '../receiver/permit.ts';
import type { OwnKeys } from './keys.ts';

/** What of a tick matters to the copying of files. */
export interface GroupSight {
  readonly receiver: ReceiverView;
  /** The term that this node holds. */
  readonly token: number | undefined;
  /** The other nodes with a copy. */
  readonly others: readonly { readonly name: string; readonly address: string }[];
  readonly announced: ReadonlyMap<string, OwnKeys>;
}

export function sightOf({ me, term, settings }: Observation): GroupSight {
  const { group, hold, phase } = term;
  const leader = group === undefined ? undefined : presentValue(group.leader);
  const token = group === undefined || group.leader.kind === 'absent' ? 0 : group.leader.mod;
  const holder = leader?.kind === 'held' ? leader.holder : '';
  const announced = new Map<string, OwnKeys>();
  for (const [name, entry] of group?.members ?? []) {
    const sync = presentValue(entry)?.sync;
    if (sync !== undefined) announced.set(name, sync);
  }
  // Who takes, arms or ends a term is not sure whose the files are.
  const isStandby = hold === undefined && phase === 'candidate' && token > 0 && holder !== me;
  return {
    receiver: {
      role: hold === undefined ? (isStandby ? 'standby' : 'unsure') : 'primary',
      token: hold?.token ?? token,
      holder: hold === undefined ? holder : me,
    },
    token: hold?.token,
    others: settings.nodes.filter(({ name, role }) => name !== me && role !== 'witness'),
    announced,
  };
}
