import { revision } from '../brands.ts';
import type { MemberValue } from '../group/values.ts';
import type { Entry, GroupView } from '../group/view.ts';
import type { Observation } from '../observation.ts';
import { known, unknown } from '../reading.ts';
import type { ResourceSettings } from '../resources/resource.ts';
import type { GroupSettings } from '../settings.ts';
import type { TermView } from '../term/term.ts';
import { profiles } from '../timings.ts';
import type { World } from './decide-world.ts';
import { resourceOf } from './resource-lines.ts';

const absent = { kind: 'absent' } as const;
const present = <T>(value: T | undefined, mod: number): Entry<T> =>
  value === undefined ? absent : { kind: 'present', value, mod: revision(mod) };

/** The observation that the rules are given. */
export function makeObservation(world: World): Observation {
  return {
    now: world.now,
    wallMs: world.wallMs,
    me: world.me,
    bootId: 'boot-1',
    settings: settingsOf(world),
    term: termOf(world),
    verdict: world.verdict,
    ports: {
      guard: world.guard === undefined ? unknown('hamn-guard did not answer.') : known(world.guard),
      postgres: postgresOf(world),
      vips: world.vips === undefined ? unknown('the kernel did not answer.') : known(world.vips),
      units: known([...world.units.values()]),
      etcdLeader: world.etcdLeader === undefined ? unknown('etcd was not asked.') : known(world.etcdLeader),
      crontab: known({ xcatEntries: world.xcatEntries }),
      fenceDevices: known([]),
    },
    resources: world.seenResources,
    contact: world.contact === undefined ? unknown('it did not answer.') : known(world.contact),
    heard: new Map([...world.heard].map(([node, member]) => [node, known(member)])),
    local: {
      managed: world.isManaged,
      promotions: world.ownPromotions,
      line: world.line,
      identity: world.identity,
      otherMachine: world.otherMachine,
      addressHere: world.addressHere,
    },
    inFlight: world.inFlight,
    finished: world.finished,
  };
}

function postgresOf(world: World): Observation['ports']['postgres'] {
  if (world.mode === 'none' || world.me === 'wit1') return undefined;
  return world.postgres === undefined ? unknown('PostgreSQL was not asked.') : known(world.postgres);
}

const settingsOf = (world: World): GroupSettings => ({
  cluster: 'c',
  group: 'mn',
  timings: profiles.default,
  failover: world.failover,
  nodes: world.nodes,
  vips: world.vipAddresses.map((address) => ({ address, prefixLength: 24, interface: 'eth0' })),
  postgres:
    world.mode === 'none'
      ? undefined
      : {
          mode: world.mode,
          quorum: world.quorum,
          maxLagBytes: 4096,
          unit: 'pg.service',
          dataDirectory: '/data',
          includeDirectory: '/conf.d',
          binDirectory: '/bin',
          port: 5432,
          user: 'hamn',
          passwordFile: '/password',
          osUser: 'postgres',
          startTimeoutMs: 60_000,
          stopTimeoutMs: 60_000,
          promoteTimeoutMs: 60_000,
          keepDivergedMs: 604_800_000,
          restarts: 2,
          restartWindowMs: 60_000,
          onCrash: world.onCrash,
          storageTimeoutMs: 10_000,
        },
  resources: resourcesOf(world),
  fencing: world.fencing,
});

/** The VIPs and the database are resources as well; nothing but the order follows from it. */
function resourcesOf(world: World): readonly ResourceSettings[] {
  const vips = world.vipAddresses.map((address, index) =>
    resourceOf(`vip${index === 0 ? '' : `-${index + 1}`} vip address=${address}`),
  );
  const database = world.mode === 'none' ? [] : [resourceOf('postgres postgres')];
  return [...vips, ...database, ...world.resources];
}

function termOf(world: World): TermView {
  const isHolding = world.phase === 'holding';
  const leaderMod = world.leader.kind === 'absent' ? 0 : Number(world.leader.mod);
  const token = world.leader.kind === 'present' ? leaderMod : 10;
  return {
    phase: world.phase,
    group: world.isGroupRead ? groupOf(world) : undefined,
    alarm: world.alarm,
    ended: world.ended,
    seen: { leader: leaderMod, heartbeat: world.heartbeatMod, silentMs: world.silentMs },
    waitUntil: world.waitUntil,
    promisedUntil: world.promisedUntil ?? world.waitUntil,
    hold: isHolding
      ? {
          token,
          termMs: profiles.default.termMs,
          deadline: world.waitUntil,
          since: world.holdSince,
          state: world.isStateDefinite ? world.state : undefined,
          peers: world.peers,
          byEtcdMs: 100,
          byPromisesMs: 100,
        }
      : undefined,
  };
}

function groupOf(world: World): GroupView {
  const leader = world.leader.kind === 'present' ? world.leader.value : undefined;
  const holder = leader?.kind === 'held' ? leader.holder : world.me;
  const beat = { holder, nonce: leader?.nonce, sequence: 1, lsn: world.heartbeatLsn };
  return {
    revision: revision(60),
    clusterId: 'c1',
    leader: world.leader,
    heartbeat: present(
      beat.nonce === undefined ? undefined : { ...beat, nonce: beat.nonce },
      world.heartbeatMod,
    ),
    state: present(world.state, world.stateMod),
    lease: absent,
    request: present(world.request, 55),
    outcome: absent,
    pause: present(
      world.isPaused ? { by: 'an admin', reason: 'maintenance', sinceWallMs: 0 } : undefined,
      54,
    ),
    schedule: present(world.schedule, 57),
    resourceWish: present(world.resourceWish, 60),
    config: absent,
    identity: present(
      world.groupIdentity === undefined ? undefined : { id: world.groupIdentity, by: 'mn1', atWallMs: 0 },
      1,
    ),
    members: new Map([...world.members].map(([name, member]) => [name, present<MemberValue>(member, 53)])),
    fencing: new Map([...world.fences].map(([name, fence]) => [name, present(fence, 52)])),
    maintenance: new Map(world.maintenance.map((value) => [value.node, present(value, 58)])),
    unmanaged: new Map(
      world.unmanaged.map((resource) => [
        resource,
        present({ resource, by: 'an admin', reason: 'a repair', sinceWallMs: 0 }, 59),
      ]),
    ),
  };
}
