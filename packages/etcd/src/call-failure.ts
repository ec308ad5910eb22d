import { type Failure, fail } from '@hamn/core';

/**
 * `rejected`: etcd answered that it will not do it. `not-found`: there is no such lease. `timeout` and `unreachable` say nothing about whether the call
 * was, or may yet be, carried out.
 */
export type CallFailureCode = 'timeout' | 'unreachable' | 'denied' | 'not-found' | 'rejected';

export type CallFailure = Failure<CallFailureCode>;

export type FailedCall = { readonly ok: false; readonly error: CallFailure };

/** gRPC's status codes that mean more than "unknown". Source: grpc.io, "Status codes and their use in gRPC". */
const codes: Readonly<Record<number, CallFailureCode>> = {
  1: 'timeout',
  3: 'rejected',
  4: 'timeout',
  5: 'not-found',
  7: 'denied',
  8: 'rejected',
  9: 'rejected',
  11: 'rejected',
  12: 'rejected',
  16: 'denied',
};

export const timedOut = (url: string, limitMs: number): FailedCall =>
  fail('timeout', `The etcd member at ${url} did not answer within ${Math.round(limitMs)} ms.`);

/** The member answered with a status that is not success. `details` is etcd's own text. */
export function callFailure(url: string, limitMs: number, status: number, details: string): FailedCall {
  const code = codes[status] ?? 'unreachable';
  if (code === 'timeout') return timedOut(url, limitMs);
  if (code === 'denied') {
    return fail(
      code,
      `The etcd member at ${url} denied the call (${details}); check the roles of this node's certificate in etcd.`,
    );
  }
  // Status 14, "unavailable", is etcd's word while it has no leader or its request ran out of time.
  if (code === 'unreachable') return fail(code, `The etcd member at ${url} cannot serve now (${details}).`);
  return fail(code, `The etcd member at ${url} answered: ${details}.`);
}

/** No answer came, or none that can be read. */
export const broken = (url: string, reason: string): FailedCall =>
  fail('unreachable', `The etcd member at ${url} cannot be reached (${reason}). ${remedy(reason)}`);

function remedy(reason: string): string {
  if (/certificate|altname|self.signed|alert/i.test(reason)) {
    return "Check that its certificate and this node's come from the cluster's CA, name this address and have not expired.";
  }
  return 'Check that etcd runs there and that the network between is whole.';
}
