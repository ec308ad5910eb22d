import type { NodeId, Nonce, Revision } from '../brands.ts';
import type { StateValue } from '../group/values.ts';
import type { ResourceIntention } from '../resources/plan.ts';
import type { VipSettings } from '../settings.ts';
import type { SlotChange } from '../slots.ts';
import type { TakeBasis } from '../term/txn.ts';

/** Another node as a source of replication. */
export interface UpstreamNode {
  readonly node: NodeId;
  readonly address: string;
}

/** The silent term against which a fence is begun; if it changes or gives a sign, nothing is fired. */
export interface FenceBasis {
  readonly leader: Revision;
  readonly leaderNonce: Nonce;
  readonly heartbeat: Revision;
}

/**
 * What the rules want done. An intention with a `token` is carried out only while that term is held, checked again immediately before.
 * The others make the node more harmless, or concern a standby.
 */
export type Intention =
  | { readonly kind: 'take'; readonly basis: TakeBasis; readonly state: StateValue; readonly why: string }
  | { readonly kind: 'demote'; readonly reason: string }
  | { readonly kind: 'release'; readonly token: number; readonly to: NodeId; readonly reason: string }
  | {
      readonly kind: 'write-state';
      readonly token: number;
      readonly next: StateValue;
      readonly reason: string;
    }
  | { readonly kind: 'invite'; readonly token: number; readonly nodes: readonly NodeId[] }
  | {
      readonly kind: 'postgres.start-standby';
      readonly upstream: UpstreamNode | undefined;
      readonly reason: string;
    }
  | { readonly kind: 'postgres.start-primary'; readonly token: number; readonly reason: string }
  | {
      readonly kind: 'postgres.promote';
      readonly token: number;
      readonly fromTimeline: number;
      readonly reason: string;
    }
  | { readonly kind: 'postgres.follow'; readonly upstream: UpstreamNode; readonly reason: string }
  /** The standby is to receive nothing more; how far it then is, is answered. */
  | { readonly kind: 'postgres.detach'; readonly reason: string }
  | {
      readonly kind: 'postgres.stop';
      readonly mode: 'fast' | 'immediate';
      /** Where it is not the settings' own limit. */
      readonly timeoutMs?: number;
      readonly reason: string;
    }
  | { readonly kind: 'postgres.rewind'; readonly upstream: UpstreamNode; readonly reason: string }
  | {
      readonly kind: 'postgres.clone';
      /** The primary. */
      readonly upstream: UpstreamNode;
      /** A standby of it whose files are read in place of the primary's. */
      readonly source?: UpstreamNode;
      readonly reason: string;
    }
  | {
      readonly kind: 'postgres.synchronous';
      readonly names: readonly NodeId[];
      /** How many of them each commit waits for; absent: all. */
      readonly quorum?: number;
      readonly reason: string;
    }
  | { readonly kind: 'postgres.mark'; readonly token: number }
  | { readonly kind: 'postgres.checkpoint'; readonly token: number }
  | {
      readonly kind: 'postgres.slots';
      readonly token: number;
      readonly changes: readonly SlotChange[];
      readonly reason: string;
    }
  /** On a standby. Without a reason: the slots are only moved on. */
  | {
      readonly kind: 'postgres.standby-slots';
      readonly changes: readonly SlotChange[];
      readonly reason: string;
    }
  /** Changes no role and no name that commits wait for. */
  | { readonly kind: 'postgres.settings'; readonly reason: string }
  | { readonly kind: 'vip.probe'; readonly vip: VipSettings }
  | { readonly kind: 'vip.add'; readonly token: number; readonly vip: VipSettings }
  | { readonly kind: 'vip.announce'; readonly token: number; readonly vip: VipSettings }
  | { readonly kind: 'vip.remove'; readonly vip: VipSettings; readonly reason: string }
  | { readonly kind: 'unit.own'; readonly unit: string }
  | Extract<ResourceIntention, { kind: 'resource.act' }>
  | { readonly kind: 'crontab.clean'; readonly reason: string }
  | {
      readonly kind: 'etcd.move-leader';
      readonly token: number;
      readonly memberId: string;
      readonly node: string;
    }
  /** Needs no term: it makes another node harmless. Re-checked against the leader key and the heartbeat before it fires. */
  | {
      readonly kind: 'fence';
      readonly target: NodeId;
      readonly basis: FenceBasis;
      readonly reason: string;
    }
  /** A scheduled switchover becomes a request. */
  | {
      readonly kind: 'schedule.begin';
      readonly token: number;
      readonly id: string;
      readonly reason: string;
    }
  | {
      readonly kind: 'schedule.end';
      readonly token: number;
      readonly id: string;
      readonly outcome: 'refused' | 'expired';
      readonly message: string;
    }
  /** This node's own maintenance has reached its end. */
  | { readonly kind: 'maintenance.end'; readonly mod: Revision; readonly reason: string }
  | {
      readonly kind: 'request.finish';
      readonly id: string;
      readonly outcome: 'done' | 'refused' | 'expired';
      readonly message: string;
    };

/** Two intentions with one key never run side by side. All that changes PostgreSQL's role shares one. */
export function intentionKey(intention: Intention): string {
  switch (intention.kind) {
    case 'postgres.start-standby':
    case 'postgres.start-primary':
    case 'postgres.promote':
    case 'postgres.follow':
    case 'postgres.detach':
    case 'postgres.stop':
    case 'postgres.rewind':
    case 'postgres.clone':
      return 'postgres.role';
    case 'vip.probe':
      return `vip.probe ${intention.vip.address}`;
    case 'vip.add':
    case 'vip.remove':
    case 'vip.announce':
      return `vip ${intention.vip.address}`;
    case 'unit.own':
      return `unit.own ${intention.unit}`;
    case 'resource.act':
      return `resource ${intention.name}`;
    case 'schedule.begin':
    case 'schedule.end':
      return 'schedule';
    case 'postgres.standby-slots':
      return 'postgres.slots';
    default:
      return intention.kind;
  }
}
