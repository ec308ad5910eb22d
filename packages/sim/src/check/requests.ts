import { type RequestValue, requestSchema } from '@hamn/core';
import type { Commit } from '../etcd/key-space.ts';

export function requestIn(entries: Commit['before']['entries']): RequestValue | undefined {
  const text = entries.get('request')?.value;
  if (text === undefined) return undefined;
  const parsed = requestSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : undefined;
}

/** Whether an admin had said, under the term that ended, that acknowledged writes may be lost. */
export function acceptsLoss({ before }: Commit): boolean {
  const request = requestIn(before.entries);
  return request?.allowDataLoss === true && request.token === Number(before.entries.get('leader')?.mod);
}
