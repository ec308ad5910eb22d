import { type Facts, type Match, type Rule, rules, type StoreTxn, type TxnOutcome } from '@hamn/core';
import type { Ports } from '@hamn/engine';
import type { Machine } from '../machine/machine.ts';
import type { World } from '../run/world.ts';

/** Tools of planted bugs: they stand before a port, over a rule, or over a transaction. */

export type Wrap = (ports: Ports, machine: Machine, world: World) => Ports;

export const putOf = (txn: StoreTxn, key: string): string | undefined => {
  for (const op of txn.ops) if ('put' in op && op.put === key) return op.value;
  return undefined;
};

export const isTake = (txn: StoreTxn): boolean =>
  putOf(txn, 'leader') !== undefined && putOf(txn, 'heartbeat') !== undefined;
export const isHeartbeat = (txn: StoreTxn): boolean =>
  putOf(txn, 'leader') === undefined && putOf(txn, 'heartbeat') !== undefined;
export const isStateWrite = (txn: StoreTxn): boolean =>
  putOf(txn, 'leader') === undefined && putOf(txn, 'state') !== undefined;

/** Overrides some methods of a port and leaves the others as they are. */
export const over = <T extends object>(port: T, methods: Partial<T>): T =>
  new Proxy(port, {
    get(target, name) {
      const replaced: unknown = Reflect.get(methods, name);
      if (replaced !== undefined) return replaced;
      const own: unknown = Reflect.get(target, name, target);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });

/** Some transactions leave without one of their compares. */
export const withoutCompare =
  (which: (txn: StoreTxn) => boolean, key: (key: string) => boolean): Wrap =>
  (ports) => ({
    ...ports,
    store: over(ports.store, {
      transact: (txn, timeoutMs) =>
        ports.store.transact(
          which(txn) ? { ...txn, compares: txn.compares.filter((compare) => !key(compare.key)) } : txn,
          timeoutMs,
        ),
    }),
  });

/** Some outcomes are taken for others. */
export const withOutcome =
  (
    which: (txn: StoreTxn, machine: Machine, world: World) => boolean,
    change: (outcome: TxnOutcome, machine: Machine, world: World) => TxnOutcome,
  ): Wrap =>
  (ports, machine, world) => ({
    ...ports,
    store: over(ports.store, {
      transact: async (txn, timeoutMs) => {
        const outcome = await ports.store.transact(txn, timeoutMs);
        return which(txn, machine, world) ? change(outcome, machine, world) : outcome;
      },
    }),
  });

export const committed = (world: World): TxnOutcome => {
  const { revision, clusterId } = world.etcd.group;
  return { kind: 'committed', revision, clusterId, entries: new Map() };
};

/** Puts another judgement over a rule for the time of a run; the answer takes it away. */
export const withRule =
  (id: string, change: (facts: Facts, own: Rule['when']) => Match | undefined) => (): (() => void) => {
    const rule = rules.find((one) => one.id === id);
    if (rule === undefined) throw new Error(`There is no rule '${id}'.`);
    const own = rule.when;
    const put = (when: Rule['when']): void => {
      Object.defineProperty(rule, 'when', {
        value: when,
        configurable: true,
        enumerable: true,
        writable: true,
      });
    };
    put((facts) => change(facts, own));
    return () => put(own);
  };

/** One after the other; taken away in the opposite order. */
export const both =
  (...installs: readonly (() => () => void)[]) =>
  (): (() => void) => {
    const away = installs.map((install) => install());
    return () => {
      for (const end of away.reverse()) end();
    };
  };
