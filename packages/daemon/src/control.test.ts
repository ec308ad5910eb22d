import { done, type GroupKey, nodeId, revision } from '@hamn/core';
import { type MemoryStore, memoryStore } from '@hamn/engine/testing';
import { describe, expect, it } from 'vitest';
import { Control, type OwnMachine } from './control.ts';

const leader = JSON.stringify({ kind: 'held', holder: 'mn1', nonce: 'n', termMs: 3000 });
const body = { kind: 'switchover', to: 'mn2', by: 'root on wit1', lifeMs: 60_000 } as const;
const pause = { by: 'root on mn1', reason: 'new switch' };

function bench(store: MemoryStore = memoryStore({ leader })) {
  const told: string[] = [];
  const known = {
    group: 'mn',
    nodes: [nodeId('mn1'), nodeId('mn2')],
    resources: [],
    againstSwitchover: () => undefined,
  };
  let otherMachine: string | undefined = 'its mainboard is b, it was a';
  let otherChassis: string | undefined = 'its serial number is S2, it was S1';
  const local: OwnMachine = {
    facts: () => ({ managed: true, promotions: [], identity: 'a', otherMachine, addressHere: true }),
    otherChassis: () => otherChassis,
    acceptMachine: async () => {
      otherMachine = undefined;
      otherChassis = undefined;
      return done;
    },
  };
  const control = new Control(() => known, store, local, { write: ({ message }) => told.push(message) });
  const isSameBoard = (): void => {
    otherMachine = undefined;
  };
  return { store, told, control, isSameBoard };
}

const put = (store: MemoryStore, key: GroupKey, value: unknown, mod: number): void => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  store.entries.set(key, { value: text, mod: revision(mod) });
};
const other = { id: 'o', kind: 'reinit', token: 10, by: 'ann', madeWallMs: 0, expiresWallMs: 9e15 };

describe('a request', () => {
  it('is written under the token that was read', async () => {
    const { control, store, told } = bench();
    expect(await control.request(body)).toMatchObject({ ok: true, value: { token: 10, to: 'mn2' } });
    expect(JSON.parse(store.entries.get('request')?.value ?? '')).toMatchObject({ token: 10 });
    expect(told).toEqual(['root on wit1 asked for a switchover to mn2.']);
  });

  it('is refused where the term changed hands at that moment', async () => {
    const { control, store } = bench();
    store.before = () => put(store, 'leader', leader, 99);
    expect(await control.request(body)).toMatchObject({ ok: false, error: { code: 'refused' } });
    expect(store.entries.has('request')).toBe(false);
  });

  it('of two at one moment one is refused, and told by whom', async () => {
    const { control, store } = bench();
    store.before = () => put(store, 'request', other, 11);
    expect(await control.request(body)).toEqual({
      ok: false,
      error: {
        code: 'refused',
        message: 'A reinit that ann asked for is not finished yet. Wait for its end.',
      },
    });
  });

  it('replaces one that nobody can read', async () => {
    const { control, store } = bench(memoryStore({ leader, request: '{"id":"h' }));
    expect(await control.request(body)).toMatchObject({ ok: true });
    expect(store.entries.get('request')?.value).toContain('root on wit1');
  });

  it('whose answer was lost is looked for', async () => {
    const { control, store } = bench();
    store.loseNextAnswer(true);
    expect(await control.request(body)).toMatchObject({ ok: true });
    const lost = bench();
    lost.store.loseNextAnswer(false);
    expect(await lost.control.request(body)).toMatchObject({ ok: false, error: { code: 'unknown' } });
  });

  it('for a node that does not exist is refused with those that do', async () => {
    expect(await bench().control.request({ ...body, to: 'mn9' })).toMatchObject({
      error: { code: 'refused', message: "The cluster has no node 'mn9'; it has mn1, mn2." },
    });
  });

  it('changes nothing while etcd is away', async () => {
    const { control, store } = bench();
    store.silence();
    expect(await control.request(body)).toMatchObject({ ok: false, error: { code: 'unreachable' } });
  });
});

describe('a pause', () => {
  it('stands until it is ended, and tells a second admin of the first', async () => {
    const { control } = bench();
    expect(await control.pause(pause)).toMatchObject({ ok: true });
    expect(await control.pause({ by: 'ann', reason: '' })).toMatchObject({
      ok: false,
      error: {
        code: 'refused',
        message: expect.stringMatching(
          /^The group mn is paused already, by root on mn1 since \d{4}-.* UTC \(new switch\)\./,
        ),
      },
    });
    expect(await control.resume()).toMatchObject({ ok: true });
    expect(await control.resume()).toEqual({
      ok: false,
      error: { code: 'refused', message: 'The group mn is not paused.' },
    });
  });

  it('that nobody can read is replaced by a new one, and ended by a resume', async () => {
    const { control, store } = bench(memoryStore({ leader, pause: '{' }));
    expect(await control.pause(pause)).toMatchObject({ ok: true });
    put(store, 'pause', '{', 50);
    expect(await control.resume()).toMatchObject({ ok: true });
    expect(store.entries.has('pause')).toBe(false);
  });
});

describe('another machine', () => {
  it('is accepted once, and told', async () => {
    const { control, told } = bench();
    expect(await control.acceptMachine()).toMatchObject({ ok: true });
    expect(told).toEqual(['This machine is the node from now on; its mainboard is b, it was a.']);
    expect(await control.acceptMachine()).toMatchObject({ ok: false, error: { code: 'refused' } });
  });

  it('may be the same board in another chassis', async () => {
    const { control, told, isSameBoard } = bench();
    isSameBoard();
    expect(await control.acceptMachine()).toMatchObject({ ok: true });
    expect(told).toEqual(['This machine is the node from now on; its serial number is S2, it was S1.']);
  });
});
