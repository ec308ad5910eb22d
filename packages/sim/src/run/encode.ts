import { type LeaderValue, nodeId, nonce, type StateValue } from '@hamn/core';

export function encodeLeader(to: string, termMs: number): string {
  const value: LeaderValue = {
    kind: 'released',
    by: nodeId(to),
    to: nodeId(to),
    nonce: nonce('init'),
    termMs,
  };
  return JSON.stringify(value);
}

export function encodeState(first: string): string {
  const value: StateValue = { electorate: [nodeId(first)], synchronous: [nodeId(first)], promotions: [] };
  return JSON.stringify(value);
}
