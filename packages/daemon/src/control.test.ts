import { emptyMemory, factsOf, type Observation, revision } from '@hamn/core';
import { memoryStore } from '@hamn/engine/testing';
import { describe, expect, it } from 'vitest';
import { Control } from './control.ts';

const leader = JSON.stringify({ kind: 'held', holder: 'mn1', nonce: 'n', termMs: 3000 });
const body = { kind: 'switchover', to: 'mn2', by: 'root on wit1', lifeMs: 60_000 } as const;

/** A witness: it knows the nodes and holds nothing, so the primary judges. */
const seen = {
  settings: { group: 'mn', nodes: [{ name: 'mn1' }, { name: 'mn2' }] },
  term: { hold: undefined },
} as unknown as Observation;

const control = (store = memoryStore({ leader })) => {
  const told: string[] = [];
  return {
    store,
    told,
    control: new Control(() => seen, store, { write: ({ message }) => told.push(message) }),
  };
};
