import {
  after,
  type Claim,
  fencingSchema,
  type GroupKey,
  type Instant,
  implies,
  leaderSchema,
  type NodeId,
  nodeId,
  ok,
  type PostgresView,
  quorumOf,
  type RawEntry,
  type RawGroup,
  recordedClaim,
  type StateValue,
  sameClaim,
  stateSchema,
} from '@hamn/core';
import type { PeerPort, Ports, PromiseAnswer } from '@hamn/engine';
import type { Machine } from '../machine/machine.ts';
import { setNames } from '../postgres/names.ts';
import { toLsn } from '../postgres/view.ts';
import { committed, isHeartbeat, isStateWrite, over, putOf, type Wrap, withOutcome } from './over.ts';

/** One elector's promise counts for all. */
export function onePromiseForAll(ports: Ports): Ports {
  const rounds = new Map<string, ((answer: PromiseAnswer) => void)[]>();
  const ask: PeerPort['ask'] = (to, order, timeoutMs) =>
    new Promise((resolve) => {
      const waiting = rounds.get(order.round) ?? [];
      rounds.set(order.round, waiting);
      waiting.push((answer) => resolve(ok(answer)));
      ports.peers.ask(to, order, timeoutMs).then(
        (result) => {
          if (result.ok && result.value.yes) for (const answer of waiting) answer(result.value);
          else ports.clock.after(timeoutMs, () => resolve(result));
        },
        () => undefined,
      );
    });
  return { ...ports, peers: over(ports.peers, { ask }) };
}

/** A promise that was made once is counted in later rounds as well. */
export function promiseReused(ports: Ports): Ports {
  const said = new Map<NodeId, Instant>();
  const ask: PeerPort['ask'] = async (to, order, timeoutMs) => {
    const result = await ports.peers.ask(to, order, timeoutMs);
    const now = ports.clock.now();
    if (result.ok && result.value.yes) said.set(to, now);
    const last = said.get(to);
    if (result.ok || last === undefined || now > after(last, 3 * order.termMs)) return result;
    return ok({ yes: true, round: order.round });
  };
  return { ...ports, peers: over(ports.peers, { ask }) };
}

/** Promises are asked for and not counted. */
export const promisesIgnored = (ports: Ports): Ports => ({
  ...ports,
  peers: over(ports.peers, {
    ask: async (to, order, timeoutMs) => {
      await ports.peers.ask(to, order, timeoutMs);
      return ok({ yes: false, round: order.round, reason: 'It is not counted.' });
    },
  }),
});

/** PostgreSQL stops waiting for a standby before etcd says so. */
export const emptyNamesFirst = (ports: Ports, machine: Machine): Ports => ({
  ...ports,
  store: over(ports.store, {
    transact: (txn, timeoutMs) => {
      const text = putOf(txn, 'state');
      if (text !== undefined && putOf(txn, 'leader') === undefined) {
        const state: StateValue = stateSchema.parse(JSON.parse(text));
        const next = recordedClaim(state, nodeId(machine.name));
        const { waitsFor } = machine.server;
        if (implies(waitsFor, next) && !sameClaim(waitsFor, next))
          setNames(machine.server, next, () => undefined);
      }
      return ports.store.transact(txn, timeoutMs);
    },
  }),
});

/** A standby is recorded though it has not passed the mark. */
export const forgetMark = (ports: Ports): Ports =>
  ports.postgres === undefined
    ? ports
    : {
        ...ports,
        postgres: over(ports.postgres, { currentLsn: () => Promise.resolve(ok(toLsn(0))) }),
      };

const lateMs = 1500;

/** A standby is recorded in etcd first; commits wait for it only a while later. */
export function recordFirst(ports: Ports): Ports {
  const { postgres, clock } = ports;
  if (postgres === undefined) return ports;
  let claimed: Claim | undefined;
  const pretend = (view: PostgresView): PostgresView => {
    const { server, configured } = view;
    if (claimed === undefined || server.kind !== 'up' || server.inRecovery) return view;
    const { members } = claimed;
    const quorum = quorumOf(claimed);
    return {
      ...view,
      server: { ...server, waitsFor: members, waitsForAny: quorum },
      configured: { ...configured, synchronous: members, quorum },
    };
  };
  return {
    ...ports,
    postgres: over(postgres, {
      observe: async (timeoutMs) => {
        const seen = await postgres.observe(timeoutMs);
        return seen.ok ? ok(pretend(seen.value)) : seen;
      },
      setSynchronous: async (claim, timeoutMs) => {
        if (claim.count === 0) {
          claimed = undefined;
          return postgres.setSynchronous(claim, timeoutMs);
        }
        claimed = claim;
        clock.after(lateMs, () => void postgres.setSynchronous(claim, timeoutMs));
        return ok(undefined);
      },
    }),
  };
}

const keepsBeingSynchronous = (before: StateValue | undefined, next: StateValue): boolean =>
  before?.synchronous.every((node) => next.synchronous.includes(node)) === true;
const keepsElectors = (before: StateValue | undefined, next: StateValue): boolean =>
  before?.electorate.every((node) => next.electorate.includes(node)) === true;

/** A change that takes a node out of a list counts before etcd has answered. */
export const beforeTheOk = (what: 'synchronous set' | 'electorate'): Wrap => {
  const keeps = what === 'electorate' ? keepsElectors : keepsBeingSynchronous;
  return withOutcome(
    (txn, _machine, world) => {
      if (!isStateWrite(txn)) return false;
      const before = world.etcd.group.entries.get('state')?.value;
      const known = before === undefined ? undefined : stateSchema.safeParse(JSON.parse(before)).data;
      return !keeps(known, stateSchema.parse(JSON.parse(putOf(txn, 'state') ?? '')));
    },
    (outcome, _machine, world) => (outcome.kind === 'unknown' ? committed(world) : outcome),
  );
};

/** The answer to a keepalive counts as a renewal. */
export const keepaliveTrusted: Wrap = withOutcome(isHeartbeat, (outcome, machine, world) =>
  outcome.kind === 'unknown' && world.troubles.get(machine.name)?.staleKeepAlives === true
    ? committed(world)
    : outcome,
);

/** As long as the watch shows the own leader key, a heartbeat without an answer counts as a renewal. */
export const watchTrusted: Wrap = (ports, machine, world) => {
  let shown: string | undefined;
  const wrapped = withOutcome(isHeartbeat, (outcome) =>
    outcome.kind === 'unknown' && shown?.includes(`"holder":"${machine.name}"`) === true
      ? committed(world)
      : outcome,
  )(ports, machine, world);
  const { store } = wrapped;
  return {
    ...wrapped,
    store: over(store, {
      watch: (onGroup) =>
        store.watch((group) => {
          shown = group.entries.get('leader')?.value;
          onGroup(group);
        }),
    }),
  };
};

/** A heartbeat whose outcome is unknown ends the term. */
export const unknownIsRefused: Wrap = withOutcome(isHeartbeat, (outcome, _machine, world) =>
  outcome.kind === 'unknown'
    ? { kind: 'refused', revision: world.etcd.group.revision, clusterId: world.etcd.group.clusterId }
    : outcome,
);

/** The guard is told, and its answer is not waited for. */
export const guardIgnored = (ports: Ports): Ports => ({
  ...ports,
  guard: over(ports.guard, {
    extend: async (token, deadline, timeoutMs) => {
      void ports.guard.extend(token, deadline, timeoutMs);
      return ok(undefined);
    },
    observe: async (timeoutMs) => {
      const seen = await ports.guard.observe(timeoutMs);
      return seen.ok ? seen : ok({ state: 'armed', record: undefined, lastAct: undefined });
    },
  }),
});

/** What the node sees of a key is something else than what stands there. */
const seeing =
  (
    key: (key: GroupKey) => boolean,
    change: (text: string, group: RawGroup, machine: Machine, world: Parameters<Wrap>[2]) => string,
  ): Wrap =>
  (ports, machine, world) => {
    const seen = (group: RawGroup): RawGroup => {
      const entries = new Map<GroupKey, RawEntry>(group.entries);
      for (const [name, entry] of group.entries)
        if (key(name)) entries.set(name, { ...entry, value: change(entry.value, group, machine, world) });
      return { ...group, entries };
    };
    return {
      ...ports,
      store: over(ports.store, {
        watch: (onGroup) => ports.store.watch((group) => onGroup(seen(group))),
        read: async (timeoutMs) => {
          const read = await ports.store.read(timeoutMs);
          return read.ok ? ok(seen(read.value)) : read;
        },
      }),
    };
  };

/** A candidate waits by the T of its own settings, not by the one in the leader key. */
export const ownTerm: Wrap = seeing(
  (key) => key === 'leader',
  (text, _group, machine, world) => {
    const leader = leaderSchema.parse(JSON.parse(text));
    return JSON.stringify({ ...leader, termMs: world.configuration.knownBy(machine.name).timings.termMs });
  },
);

/** The confirmation of an earlier term’s fence counts for the present one. */
export const anyConfirmation: Wrap = seeing(
  (key) => key.startsWith('fencing/'),
  (text, { entries }) => {
    const fence = fencingSchema.parse(JSON.parse(text));
    const entry = entries.get('leader');
    if (entry === undefined) return text;
    const { nonce } = leaderSchema.parse(JSON.parse(entry.value));
    return JSON.stringify({ ...fence, token: Number(entry.mod), leaderNonce: nonce });
  },
);

/** A fence that did not end in time counts as done. */
export const timeoutIsSuccess = (ports: Ports): Ports => ({
  ...ports,
  fencing: over(ports.fencing, {
    off: async (order, limitMs) => {
      const off = await ports.fencing.off(order, limitMs);
      return !off.ok && off.error.code === 'timeout' ? ok('It did not answer.') : off;
    },
  }),
});

/** What the guard is asked for at a hand-over is answered before it is done. */
export const harmlessUnseen = (ports: Ports): Ports => ({
  ...ports,
  guard: over(ports.guard, {
    demote: async (reason, timeoutMs) =>
      reason.startsWith('hand-over')
        ? ok({ reason, at: ports.clock.now(), tookMs: 0, verified: true })
        : ports.guard.demote(reason, timeoutMs),
  }),
});

/** A request that was carried out is left where it is. */
export const requestsStay = (ports: Ports): Ports => ({
  ...ports,
  store: over(ports.store, {
    transact: (txn, timeoutMs) =>
      txn.ops.some((op) => 'delete' in op && op.delete === 'request')
        ? Promise.resolve({ kind: 'unknown', reason: 'It was not sent.' })
        : ports.store.transact(txn, timeoutMs),
  }),
});

/** A standby's slots are moved on to this server's own position at every look. */
export const slotsTooFar = (ports: Ports, machine: Machine): Ports => {
  const { postgres } = ports;
  if (postgres === undefined) return ports;
  return {
    ...ports,
    postgres: over(postgres, {
      observe: (timeoutMs) => {
        const { server } = machine;
        if (server.phase === 'up' && server.inRecovery)
          for (const slot of server.parts.disk.slots.keys())
            server.wal.change({ do: 'advance', slot, to: toLsn(server.parts.disk.position.lsn) });
        return postgres.observe(timeoutMs);
      },
    }),
  };
};
