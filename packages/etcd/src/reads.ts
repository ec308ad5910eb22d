import type { GroupKey, RawEntry, RawGroup, Result } from '@hamn/core';
import { ok } from '@hamn/core';
import type { StoreFailure } from '@hamn/engine';
import type { CallFailure } from './call-failure.ts';
import type { GroupSpace } from './group-space.ts';
import { type CallDeps, hedgedCall } from './hedged-call.ts';
import { range, sortedRangeRequest, txn, txnRequest } from './wire/kv.ts';

export interface ReadDeps extends CallDeps {
  readonly space: GroupSpace;
}

/** A linearizable read of the group without its history. */
export async function readGroup(limitMs: number, deps: ReadDeps): Promise<Result<RawGroup, StoreFailure>> {
  const request = txnRequest([], deps.space.viewOps());
  const answer = await hedgedCall({ method: txn, request, limitMs }, deps);
  return answer.ok
    ? ok(deps.space.group(answer.value.header, answer.value.ranges.flat()))
    : storeFailure(answer);
}

/** A linearizable read of one folder, the newest entry last. */
export async function listFolder(
  folder: GroupKey,
  limitMs: number,
  deps: ReadDeps,
): Promise<Result<ReadonlyMap<GroupKey, RawEntry>, StoreFailure>> {
  const request = sortedRangeRequest(deps.space.folder(folder));
  const answer = await hedgedCall({ method: range, request, limitMs }, deps);
  return answer.ok ? ok(deps.space.entries(answer.value.keyValues)) : storeFailure(answer);
}

/** The port knows fewer codes than a call does. */
export function storeFailure(failed: { readonly error: CallFailure }): {
  readonly ok: false;
  readonly error: { readonly code: StoreFailure; readonly message: string };
} {
  const { code, message } = failed.error;
  const known = code === 'rejected' || code === 'not-found' ? 'denied' : code;
  return { ok: false, error: { code: known, message } };
}
