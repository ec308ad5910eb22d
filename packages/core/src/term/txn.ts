import { type FencingToken, type NodeId, type Nonce, type Revision, revision } from '../brands.ts';
import { claimKey } from '../group/keys.ts';
import type { Compare, StoreOp, StoreTxn } from '../group/store.ts';
import type { HeartbeatValue, LeaderValue, StateValue } from '../group/values.ts';
import { type GroupView, modOf, textOf } from '../group/view.ts';

/** Fields in one fixed order, because a holder's transactions compare the text. */
export const encodeLeader = (value: LeaderValue): string =>
  value.kind === 'held'
    ? JSON.stringify({ kind: 'held', holder: value.holder, nonce: value.nonce, termMs: value.termMs })
    : JSON.stringify({
        kind: 'released',
        by: value.by,
        to: value.to,
        nonce: value.nonce,
        termMs: value.termMs,
      });

export const encodeHeartbeat = (value: HeartbeatValue): string => JSON.stringify(value);
export const encodeState = (value: StateValue): string => JSON.stringify(value);

/** One holding of the leader key, as its transactions name it. */
export interface Holding {
  readonly holder: NodeId;
  readonly token: FencingToken;
  readonly nonce: Nonce;
  readonly termMs: number;
}

/**
 * HOLD(ops): the operations happen only while `leader` is still what this holding wrote: by its mod-revision (a put changes it, the
 * create-revision it would not) and by its value (after a restore from a backup revisions repeat).
 */
export const hold = (holding: Holding, ops: readonly StoreOp[]): StoreTxn => ({
  compares: [
    { key: 'leader', mod: revision(holding.token) },
    {
      key: 'leader',
      value: encodeLeader({
        kind: 'held',
        holder: holding.holder,
        nonce: holding.nonce,
        termMs: holding.termMs,
      }),
    },
  ],
  ops,
});

export const heartbeatTxn = (holding: Holding, value: HeartbeatValue): StoreTxn =>
  hold(holding, [{ put: 'heartbeat', value: encodeHeartbeat(value) }]);

/**
 * The holder's change of `state`. It also compares the revision of `state` that it was made from, so that a write that an earlier life of
 * this process left under way cannot come after a newer one.
 */
export const stateTxn = (holding: Holding, from: Revision, next: StateValue): StoreTxn => {
  const { compares, ops } = hold(holding, [{ put: 'state', value: encodeState(next) }]);
  return { compares: [...compares, { key: 'state', mod: from }], ops };
};

export const releaseTxn = (holding: Holding, to: NodeId): StoreTxn =>
  hold(holding, [
    {
      put: 'leader',
      value: encodeLeader({
        kind: 'released',
        by: holding.holder,
        to,
        nonce: holding.nonce,
        termMs: holding.termMs,
      }),
    },
  ]);

/** Writes the node's claim, which kills every earlier take of it that is still under way, and reads what is decided. */
export const settleTxn = (me: NodeId, nonce: Nonce): StoreTxn => ({
  compares: [],
  ops: [{ put: claimKey(me), value: nonce }, { get: 'leader' }, { get: 'heartbeat' }, { get: 'state' }],
});

/** What a take-over is based on; if one of these changed meanwhile, it does not happen. */
export interface TakeBasis {
  readonly leader: Revision;
  readonly heartbeat: Revision;
  readonly state: Revision;
}

/** Its revision and, as in HOLD, its text: after a restore from a backup another sign may stand at the revision that was waited by. */
function unchanged(key: keyof TakeBasis, basis: TakeBasis, view: GroupView): readonly Compare[] {
  const text = modOf<unknown>(view[key]) === basis[key] ? textOf<unknown>(view[key]) : undefined;
  return [{ key, mod: basis[key] }, ...(text === undefined ? [] : [{ key, value: text }])];
}

export const takeTxn = (
  me: NodeId,
  nonce: Nonce,
  termMs: number,
  basis: TakeBasis,
  view: GroupView,
  claim: Revision,
  state: StateValue,
): StoreTxn => ({
  compares: [
    ...unchanged('leader', basis, view),
    ...unchanged('heartbeat', basis, view),
    ...unchanged('state', basis, view),
    { key: claimKey(me), mod: claim },
  ],
  ops: [
    { put: 'leader', value: encodeLeader({ kind: 'held', holder: me, nonce, termMs }) },
    { put: 'heartbeat', value: encodeHeartbeat({ holder: me, nonce, sequence: 0 }) },
    { put: 'state', value: encodeState(state) },
  ],
});
