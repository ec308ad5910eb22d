import { type Compare, revision, type StoreOp, type StoreTxn, type TxnOutcome } from '@hamn/core';
import type { GroupSpace } from './group-space.ts';
import type { ReadDeps } from './reads.ts';
import { type KvCompare, type KvOp, type TxnAnswer, txn, txnRequest } from './wire/kv.ts';

/**
 * One transaction, sent once, to one member. `refused` only by etcd's own word that the compares failed; everything but an answer is `unknown`,
 * and then the next call asks another member first.
 */
export async function transact(wanted: StoreTxn, limitMs: number, deps: ReadDeps): Promise<TxnOutcome> {
  const { endpoints, space } = deps;
  const endpoint = endpoints.order()[0];
  if (endpoint === undefined) return { kind: 'unknown', reason: 'No etcd endpoint is configured.' };
  const answer = await endpoint.calls.call(txn, requestOf(wanted, space), limitMs);
  if (answer.ok) {
    endpoints.worked(endpoint);
    return outcomeOf(answer.value, space);
  }
  if (answer.error.code !== 'rejected') endpoints.failed(endpoint);
  return { kind: 'unknown', reason: answer.error.message };
}

const requestOf = (wanted: StoreTxn, space: GroupSpace): Buffer =>
  txnRequest(
    wanted.compares.map((one) => compareOf(one, space)),
    wanted.ops.map((one) => opOf(one, space)),
  );

const compareOf = (compare: Compare, space: GroupSpace): KvCompare =>
  'mod' in compare
    ? { key: space.path(compare.key), mod: compare.mod }
    : { key: space.path(compare.key), value: compare.value };

function opOf(op: StoreOp, space: GroupSpace): KvOp {
  if ('put' in op) return { put: space.path(op.put), value: op.value };
  if ('delete' in op) return { delete: space.path(op.delete) };
  return { range: { key: space.path(op.get) } };
}

function outcomeOf(answer: TxnAnswer, space: GroupSpace): TxnOutcome {
  const { header, succeeded, ranges } = answer;
  const at = { revision: revision(header.revision), clusterId: header.clusterId };
  return succeeded
    ? { kind: 'committed', ...at, entries: space.entries(ranges.flat()) }
    : { kind: 'refused', ...at };
}
