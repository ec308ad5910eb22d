import { ok, type StateValue, type StoreTxn, stateSchema } from '@hamn/core';
import type { PeerPort, Ports, PromiseAnswer } from '@hamn/engine';
import type { Machine } from '../machine/machine.ts';
import { setNames } from '../postgres/names.ts';
import { toLsn } from '../postgres/view.ts';

const putOf = (txn: StoreTxn, key: string): string | undefined => {
  for (const op of txn.ops) if ('put' in op && op.put === key) return op.value;
  return undefined;
};

/** Overrides some methods of a port and leaves the others as they are. */
const over = <T extends object>(port: T, methods: Partial<T>): T =>
  new Proxy(port, {
    get(target, name) {
      const replaced: unknown = Reflect.get(methods, name);
      if (replaced !== undefined) return replaced;
      const own: unknown = Reflect.get(target, name, target);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });

/** A candidate takes without comparing the heartbeat. */
export const takeWithoutHeartbeat = (ports: Ports): Ports => ({
  ...ports,
  store: over(ports.store, {
    transact: (txn, timeoutMs) => {
      if (putOf(txn, 'leader') === undefined || putOf(txn, 'heartbeat') === undefined)
        return ports.store.transact(txn, timeoutMs);
      const compares = txn.compares.filter((compare) => compare.key !== 'heartbeat');
      return ports.store.transact({ ...txn, compares }, timeoutMs);
    },
  }),
});

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

/** PostgreSQL stops waiting for a standby before etcd says so. */
export const emptyNamesFirst = (ports: Ports, machine: Machine): Ports => ({
  ...ports,
  store: over(ports.store, {
    transact: (txn, timeoutMs) => {
      const text = putOf(txn, 'state');
      if (text !== undefined && putOf(txn, 'leader') === undefined) {
        const state: StateValue = stateSchema.parse(JSON.parse(text));
        const names = state.synchronous.filter((node) => node !== machine.name);
        if (names.length < machine.server.names.length) setNames(machine.server, names, () => undefined);
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
