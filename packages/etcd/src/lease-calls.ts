import { fail, type GroupKey, type Result } from '@hamn/core';
import type { CallFailureCode } from './call-failure.ts';
import type { ReadDeps } from './reads.ts';
import { type KvCompare, type TxnAnswer, txn, txnRequest } from './wire/kv.ts';
import {
  type LeaseAnswer,
  leaseGrant,
  leaseGrantRequest,
  leaseIdRequest,
  leaseKeepAlive,
  leaseRevoke,
} from './wire/lease.ts';
import type { Method } from './wire/rpc.ts';

/** The calls behind an announced key, each sent once to the member that is asked first now. */
export class LeaseCalls {
  readonly #deps: ReadDeps;

  constructor(deps: ReadDeps) {
    this.#deps = deps;
  }

  grant(ttlSeconds: number, limitMs: number): Promise<Result<LeaseAnswer, CallFailureCode>> {
    return this.#call(leaseGrant, leaseGrantRequest(ttlSeconds), limitMs);
  }

  revoke(lease: bigint, limitMs: number): Promise<Result<true, CallFailureCode>> {
    return this.#call(leaseRevoke, leaseIdRequest(lease), limitMs);
  }

  /** `unknown`: it may or may not have been renewed. */
  async keepAlive(lease: bigint, limitMs: number): Promise<'kept' | 'lost' | 'unknown'> {
    return (await this.keepAliveIn(lease, limitMs)).kind;
  }

  /** The same with the election that the answering member knew of. */
  async keepAliveIn(
    lease: bigint,
    limitMs: number,
  ): Promise<{ readonly kind: 'kept'; readonly raftTerm: number } | { readonly kind: 'lost' | 'unknown' }> {
    const answer = await this.#call(leaseKeepAlive, leaseIdRequest(lease), limitMs);
    if (!answer.ok) return { kind: answer.error.code === 'not-found' ? 'lost' : 'unknown' };
    const { ttlSeconds, raftTerm } = answer.value;
    return ttlSeconds > 0 ? { kind: 'kept', raftTerm } : { kind: 'lost' };
  }

  /** Whether a key still is as it was put on this lease: a transaction that only reads, which a majority must confirm. */
  holds(
    held: { readonly key: GroupKey; readonly mod: number; readonly lease: bigint },
    limitMs: number,
  ): Promise<Result<TxnAnswer, CallFailureCode>> {
    const key = this.#deps.space.path(held.key);
    const compares: readonly KvCompare[] = [
      { key, mod: held.mod },
      { key, lease: held.lease },
    ];
    return this.#call(txn, txnRequest(compares, [{ range: { key } }]), limitMs);
  }

  put(
    put: { readonly key: GroupKey; readonly value: string; readonly lease: bigint },
    condition: 'always' | 'if-absent' | 'if-on-this-lease',
    limitMs: number,
  ): Promise<Result<TxnAnswer, CallFailureCode>> {
    const path = this.#deps.space.path(put.key);
    const compares: Readonly<Record<typeof condition, readonly KvCompare[]>> = {
      always: [],
      'if-absent': [{ key: path, mod: 0 }],
      'if-on-this-lease': [{ key: path, lease: put.lease }],
    };
    const op = { put: path, value: put.value, lease: put.lease };
    return this.#call(txn, txnRequest(compares[condition], [op]), limitMs);
  }

  async #call<Answer>(
    method: Method<Answer>,
    request: Buffer,
    limitMs: number,
  ): Promise<Result<Answer, CallFailureCode>> {
    const { endpoints } = this.#deps;
    const endpoint = endpoints.order()[0];
    if (endpoint === undefined) return fail('unreachable', 'No etcd endpoint is configured.');
    if (limitMs <= 0) return fail('timeout', 'No time was left to ask etcd.');
    const answer = await endpoint.calls.call(method, request, limitMs);
    if (answer.ok) endpoints.worked(endpoint);
    else if (answer.error.code === 'timeout' || answer.error.code === 'unreachable')
      endpoints.failed(endpoint);
    return answer;
  }
}
