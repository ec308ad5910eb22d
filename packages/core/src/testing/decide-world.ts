import { type Instant, instant, type NodeId, nodeId } from '../brands.ts';
import { emptyMemory, type Memory } from '../decide/memory.ts';
import type { FencingValue } from '../group/fencing-value.ts';
import type { MaintenanceValue } from '../group/maintenance-value.ts';
import type { ResourceWishValue } from '../group/resource-wish-value.ts';
import type { ScheduleValue } from '../group/schedule-value.ts';
import type { LeaderValue, MemberValue, RequestValue, StateValue } from '../group/values.ts';
import type { Entry } from '../group/view.ts';
import type { WalLine } from '../local-facts.ts';
import type { EtcdLeaderView, Finished, GuardView, InFlight, VipView } from '../observation.ts';
import type { PostgresView } from '../postgres-view.ts';
import type { ResourceSettings } from '../resources/resource.ts';
import type { ResourceSeen } from '../resources/states.ts';
import type { GroupSettings, NodeSettings, PostgresSettings } from '../settings.ts';
import type { TakeVerdict } from '../term/candidate.ts';
import type { TermPhase } from '../term/state.ts';
import type { PeerView } from '../term/term.ts';
import type { UnitView } from '../unit-view.ts';
import {
  type Draft,
  dataNode,
  heldLeader,
  makeMember,
  makeUnit,
  presentData,
  promotion,
  slotOf,
  systemId,
  toLsn,
  upServer,
} from './decide-parts.ts';
import { resourceOf } from './resource-lines.ts';

/** All that one decision looks at, open to be changed a line at a time. `makeObservation` closes it. */
export interface World {
  now: Instant;
  me: NodeId;
  nodes: Draft<NodeSettings>[];
  mode: PostgresSettings['mode'] | 'none';
  quorum: number | undefined;
  failover: GroupSettings['failover'];
  onCrash: PostgresSettings['onCrash'];
  vipAddresses: string[];
  resources: ResourceSettings[];
  seenResources: Map<string, ResourceSeen>;
  unmanaged: string[];
  resourceWish: ResourceWishValue | undefined;
  phase: TermPhase;
  isGroupRead: boolean;
  alarm: string | undefined;
  ended: string | undefined;
  leader: Entry<LeaderValue>;
  heartbeatMod: number;
  heartbeatLsn: string | undefined;
  stateMod: number;
  state: Draft<StateValue> | undefined;
  isStateDefinite: boolean;
  request: RequestValue | undefined;
  isPaused: boolean;
  wallMs: number;
  schedule: ScheduleValue | undefined;
  maintenance: MaintenanceValue[];
  members: Map<NodeId, MemberValue>;
  silentMs: number;
  waitUntil: Instant;
  verdict: TakeVerdict;
  holdSince: Instant;
  peers: Draft<PeerView>[];
  guard: GuardView | undefined;
  postgres: Draft<PostgresView> | undefined;
  vips: Draft<VipView>[] | undefined;
  units: Map<string, Draft<UnitView>>;
  etcdLeader: EtcdLeaderView | undefined;
  xcatEntries: number;
  contact: MemberValue | undefined;
  heard: Map<NodeId, MemberValue>;
  fencing: GroupSettings['fencing'];
  fences: Map<NodeId, FencingValue>;
  promisedUntil: Instant | undefined;
  isManaged: boolean;
  identity: string | undefined;
  groupIdentity: string | undefined;
  otherMachine: string | undefined;
  addressHere: boolean;
  ownPromotions: { token: number; fromTimeline: number }[];
  line: WalLine | undefined;
  inFlight: Map<string, InFlight>;
  finished: Map<string, Finished>;
  memory: Memory;
}

const owned = (unit: string): [string, Finished] => {
  const key = `unit.own ${unit}`;
  return [key, { key, begunAt: instant(1), at: instant(1), ok: true, code: 'owned', message: '', data: {} }];
};

/** What all scenes share: two data nodes and a witness, mn1 holds token 10 on timeline 2, everything is well at 100 s. */
function makeWorld(me: string): World {
  const service = resourceOf('xcatd unit restarts=2 window=60000');
  return {
    now: instant(100_000),
    me: nodeId(me),
    nodes: [dataNode('mn1'), dataNode('mn2'), dataNode('wit1', 'witness')],
    mode: 'synchronous',
    quorum: undefined,
    failover: 'automatic',
    onCrash: 'faster',
    vipAddresses: ['10.1.0.9'],
    resources: [service],
    seenResources: new Map(),
    unmanaged: [],
    resourceWish: undefined,
    phase: 'candidate',
    isGroupRead: true,
    alarm: undefined,
    ended: undefined,
    leader: heldLeader(10, 'mn1'),
    heartbeatMod: 50,
    heartbeatLsn: '0/5000',
    stateMod: 40,
    state: {
      electorate: [nodeId('mn1'), nodeId('mn2')],
      synchronous: [nodeId('mn1'), nodeId('mn2')],
      promotions: [promotion(10, 'mn1', 2, '0/2000')],
      systemId,
    },
    isStateDefinite: true,
    request: undefined,
    isPaused: false,
    wallMs: 1_000_000,
    schedule: undefined,
    maintenance: [],
    members: new Map(),
    silentMs: 100,
    waitUntil: instant(102_900),
    verdict: { may: false, because: 'mn1 holds the term.', until: instant(102_900) },
    holdSince: instant(50_000),
    peers: [{ node: nodeId('mn2'), missedRounds: 0, silentMs: 100, promising: true }],
    guard: { state: 'harmless', record: undefined, lastAct: undefined },
    postgres: undefined,
    vips: [
      {
        address: '10.1.0.9',
        interface: 'eth0',
        present: false,
        linkUp: true,
        duplicate: undefined,
        announcedAt: undefined,
      },
    ],
    units: new Map([
      ['pg.service', makeUnit('pg.service', 'active')],
      ['xcatd.service', makeUnit('xcatd.service', 'inactive')],
    ]),
    etcdLeader: undefined,
    xcatEntries: 0,
    contact: undefined,
    heard: new Map(),
    fencing: undefined,
    fences: new Map(),
    promisedUntil: undefined,
    isManaged: true,
    identity: undefined,
    groupIdentity: undefined,
    otherMachine: undefined,
    addressHere: true,
    ownPromotions: [],
    line: { token: 10, timeline: 2 },
    inFlight: new Map(),
    finished: new Map([owned('pg.service'), owned('xcatd.service')]),
    memory: { ...emptyMemory, signsMoved: true, resourceWish: '' },
  };
}

/** mn1, primary of a healthy group: VIP announced, service active, mn2 streams and every commit waits for it. */
export function primaryWorld(): World {
  const world = makeWorld('mn1');
  world.memory = { ...world.memory, promotedToken: 10 };
  const mn2 = nodeId('mn2');
  world.phase = 'holding';
  world.verdict = { may: false, because: 'This node is not a candidate now (holding).', until: undefined };
  world.guard = { state: 'armed', record: undefined, lastAct: undefined };
  const standbys = [{ node: mn2, state: 'streaming', synchronous: true, flushedLsn: toLsn('0/5000') }];
  world.postgres = {
    unit: 'active',
    server: { ...upServer(2, '0/5000'), standbys, waitsFor: [mn2], slots: [slotOf('mn2', { active: true })] },
    data: presentData(2, '0/5000'),
    configured: { upstream: undefined, synchronous: [mn2] },
  };
  world.vips = (world.vips ?? []).map((vip) => ({ ...vip, present: true, announcedAt: instant(51_000) }));
  world.units.set('xcatd.service', makeUnit('xcatd.service', 'active'));
  const candidacy = { eligible: true, reasons: ['It has all that a primary needs.'] };
  world.contact = {
    ...makeMember('mn2'),
    postgres: { state: 'standby', lsn: '0/5000', replayedLsn: '0/5000' },
  };
  const standby = { state: 'standby', timeline: 2, lsn: '0/5000' };
  world.members.set(mn2, { ...makeMember('mn2'), candidacy, postgres: standby });
  return world;
}

/** mn2, a healthy standby of mn1. */
export function standbyWorld(): World {
  const world = makeWorld('mn2');
  const mn1 = nodeId('mn1');
  const server = {
    ...upServer(2, '0/5000'),
    inRecovery: true,
    replayedLsn: toLsn('0/5000'),
    streaming: true,
    slots: [slotOf('mn1')],
  };
  world.postgres = {
    unit: 'active',
    server,
    data: { ...presentData(2, '0/5000'), state: 'in archive recovery', standbySignal: true },
    configured: { upstream: mn1, synchronous: [] },
  };
  world.contact = { ...makeMember('mn1'), role: 'primary', postgres: { state: 'primary', lsn: '0/5000' } };
  world.members.set(mn1, world.contact);
  return world;
}

export function witnessWorld(): World {
  const world = makeWorld('wit1');
  world.verdict = {
    may: false,
    because: 'This node is a witness; a witness never becomes primary.',
    until: undefined,
  };
  return world;
}
