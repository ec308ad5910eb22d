import {
  type GroupView,
  instant,
  type LocalFacts,
  type MemberValue,
  memberKey,
  nodeId,
  type Observation,
  ok,
} from '@hamn/core';
import { expect, it, vi } from 'vitest';
import type { Ports } from '../ports/all.ts';
import type { StorePort } from '../ports/store.ts';
import { memoryStore } from '../testing/index.ts';
import { Publisher } from './publisher.ts';

const me = nodeId('mn2');

/** What this boot says, with the group's view of who spoke last under its name. */
async function spoken(over: {
  readonly speaker?: string;
  readonly addressHere: boolean;
}): Promise<{ readonly key: string | undefined; readonly etcdSilentMs: number | undefined }> {
  const said = new Map<string, string>();
  const announce: StorePort['announce'] = (key, text) => {
    said.set(key, text);
    return Promise.resolve(ok(undefined));
  };
  const store: StorePort = { ...memoryStore(), announce };
  const clock = { now: () => instant(1000), wallMs: () => 0, nonce: () => '', after: () => () => undefined };
  const publisher = new Publisher(me, { store, clock } as unknown as Ports);
  const value = { node: me, bootId: over.speaker } as MemberValue;
  const members = new Map(over.speaker === undefined ? [] : [[me, { kind: 'present', mod: 5, value }]]);
  const group = { members, identity: { kind: 'absent' } } as unknown as GroupView;
  const local = { addressHere: over.addressHere } as LocalFacts;
  publisher.offer(
    { node: me, bootId: 'boot-1' } as MemberValue,
    { me, local, bootId: 'boot-1', term: { group } } as unknown as Observation,
  );
  await vi.waitFor(() => expect(publisher.etcdSilentMs).toBe(0));
  return { key: said.get(memberKey(me)), etcdSilentMs: publisher.etcdSilentMs };
}

it('speaks under its name, over what an earlier boot of this machine said', async () => {
  expect((await spoken({ addressHere: true })).key).toContain('boot-1');
  expect((await spoken({ speaker: 'boot-0', addressHere: true })).key).toContain('boot-1');
});

it('a machine that has another node’s files says so only while nobody else speaks under that name', async () => {
  expect((await spoken({ addressHere: false })).key).toContain('boot-1');
  expect((await spoken({ speaker: 'boot-1', addressHere: false })).key).toContain('boot-1');
  expect(await spoken({ speaker: 'boot-of-the-owner', addressHere: false })).toEqual({
    key: undefined,
    etcdSilentMs: 0,
  });
});
