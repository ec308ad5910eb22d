import {
  type GroupKey,
  type IdentityValue,
  type LeaderValue,
  type NodeId,
  nonce,
  revision,
  type StateValue,
  type StoreTxn,
} from '@hamn/core';

export interface FirstKeys {
  readonly node: NodeId;
  /** Fresh and unique. */
  readonly nonce: string;
  /** Fresh and unique; the group's own for ever. */
  readonly identity: string;
  readonly atWallMs: number;
  readonly termMs: number;
  readonly config: string;
}

/** All that must not be there. An absent `leader` alone is never enough: it may be a lost one. */
const mustBeAbsent: readonly GroupKey[] = [
  'leader',
  'heartbeat',
  'state',
  'config',
  'identity',
  'lease',
  'request',
  'pause',
];

/** One transaction: the term released to the first node, the electorate of that node alone, and the settings. The ordinary take follows. */
export function firstKeys(first: FirstKeys): { readonly txn: StoreTxn; readonly leader: string } {
  const leaderValue: LeaderValue = {
    kind: 'released',
    by: first.node,
    to: first.node,
    nonce: nonce(first.nonce),
    termMs: first.termMs,
  };
  const state: StateValue = { electorate: [first.node], synchronous: [first.node], promotions: [] };
  const identity: IdentityValue = { id: first.identity, by: first.node, atWallMs: first.atWallMs };
  const leader = JSON.stringify(leaderValue);
  return {
    leader,
    txn: {
      compares: mustBeAbsent.map((key) => ({ key, mod: revision(0) })),
      ops: [
        { put: 'leader', value: leader },
        { put: 'state', value: JSON.stringify(state) },
        { put: 'config', value: first.config },
        { put: 'identity', value: JSON.stringify(identity) },
      ],
    },
  };
}
