import type { FencingToken, Instant, NodeId, Nonce } from '../brands.ts';
import type { StoreTxn, TxnOutcome } from '../group/store.ts';
import type { StateValue } from '../group/values.ts';
import type { GroupView } from '../group/view.ts';
import type { GuardRecord } from '../observation.ts';
import type { TakeBasis } from './txn.ts';

/** Each transaction's purpose, so that its outcome finds its way back. */
export type TxnPurpose = 'heartbeat' | 'settle' | 'take' | 'release' | 'state';

/** What happened. Every event carries `now`, taken *after* the thing was received. */
export type TermEvent =
  /** The process starts. `resume`: the guard still holds this term. */
  | { readonly kind: 'start'; readonly now: Instant; readonly resume: GuardRecord | undefined }
  | { readonly kind: 'tick'; readonly now: Instant }
  /** A view from a linearizable read or from the watch. */
  | {
      readonly kind: 'group';
      readonly now: Instant;
      readonly view: GroupView;
      readonly linearizable: boolean;
    }
  | { readonly kind: 'read-failed'; readonly now: Instant }
  | {
      readonly kind: 'outcome';
      readonly now: Instant;
      readonly purpose: TxnPurpose;
      readonly id: number;
      readonly sentAt: Instant;
      readonly outcome: TxnOutcome;
      /** What a settle read, when it committed. */
      readonly view: GroupView | undefined;
    }
  | {
      readonly kind: 'promise';
      readonly now: Instant;
      readonly from: NodeId;
      readonly round: Nonce;
      readonly yes: boolean;
    }
  | {
      readonly kind: 'armed';
      readonly now: Instant;
      readonly token: FencingToken;
      readonly ok: boolean;
      readonly reason: string;
    }
  | {
      readonly kind: 'extended';
      readonly now: Instant;
      readonly token: FencingToken;
      readonly deadline: Instant;
      readonly ok: boolean;
      /** `silent`: the guard did not answer; anything else is its refusal. */
      readonly code: string;
      readonly by: 'etcd' | 'promises';
    }
  | { readonly kind: 'demoted'; readonly now: Instant; readonly verified: boolean }
  /** What the rules want. */
  | {
      readonly kind: 'take';
      readonly now: Instant;
      readonly nonce: Nonce;
      readonly basis: TakeBasis;
      readonly state: StateValue;
    }
  | { readonly kind: 'release'; readonly now: Instant; readonly to: NodeId }
  | { readonly kind: 'write-state'; readonly now: Instant; readonly next: StateValue }
  | { readonly kind: 'invite'; readonly now: Instant; readonly nodes: readonly NodeId[] };

/** What is to be done. `sentAt` is stamped before the send. */
export type TermEffect =
  | { readonly kind: 'read' }
  | {
      readonly kind: 'transact';
      readonly purpose: TxnPurpose;
      readonly id: number;
      readonly sentAt: Instant;
      readonly txn: StoreTxn;
    }
  | {
      readonly kind: 'ask';
      readonly to: NodeId;
      readonly token: FencingToken;
      readonly round: Nonce;
      readonly termMs: number;
      readonly invitation: boolean;
    }
  | {
      readonly kind: 'arm';
      readonly token: FencingToken;
      readonly nonce: Nonce;
      readonly deadline: Instant;
      readonly termMs: number;
    }
  | {
      readonly kind: 'extend';
      readonly token: FencingToken;
      readonly deadline: Instant;
      readonly by: 'etcd' | 'promises';
    }
  | { readonly kind: 'renew-vips' }
  | { readonly kind: 'demote'; readonly reason: string }
  | {
      readonly kind: 'note';
      readonly event: string;
      readonly level: 'info' | 'warn';
      readonly message: string;
    };
