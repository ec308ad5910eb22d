import {
  clientNodeId,
  type MoveRecord,
  noRecords,
  recordsText,
  revision,
  serviceNodeId,
  withBegun,
} from '@hamn/core';
import { describe, expect, it } from 'vitest';
import { type MemoryStore, memoryStore } from '../testing/memory-store.ts';
import { RecordsStore } from './records-store.ts';

const leader = JSON.stringify({ kind: 'held', holder: 'mn1', nonce: 'n', termMs: 3000 });

const move = (id: string, ...nodes: readonly string[]): MoveRecord => ({
  id,
  token: 10,
  kind: 'move',
  from: serviceNodeId('sn1'),
  to: serviceNodeId('sn2'),
  was: [{ servicenode: [serviceNodeId('sn1')], xcatmaster: '', nodes: nodes.map(clientNodeId) }],
  stage: 'begun',
  left: [],
  message: 'sn1 is down.',
  begunWallMs: 1,
});

/** memoryStore's first keys have the revision 10. */
const bench = (): { store: MemoryStore; records: RecordsStore } => {
  const store = memoryStore({ leader });
  return { store, records: new RecordsStore(store, 10) };
};
const idsIn = (store: MemoryStore): readonly string[] =>
  (
    JSON.parse(store.entries.get('serviceNodes')?.value ?? '{"moves":[]}') as { moves: { id: string }[] }
  ).moves.map(({ id }) => id);

describe('the records under a term', () => {
  it('are written one after the other, each upon the one before', async () => {
    const { store, records } = bench();
    const both = await Promise.all(
      ['10.1', '10.2'].map((id, at) => records.update((value) => withBegun(value, move(id, `n${at}`)))),
    );
    expect(both.map(({ ok }) => ok)).toEqual([true, true]);
    expect(idsIn(store)).toEqual(['10.1', '10.2']);
  });

  it('a write whose answer is lost counts only when it is seen to stand', async () => {
    const { store, records } = bench();
    store.loseNextAnswer(true);
    expect((await records.update((value) => withBegun(value, move('10.1', 'n1')))).ok).toBe(true);
    store.loseNextAnswer(false);
    expect(await records.update((value) => withBegun(value, move('10.2', 'n2')))).toMatchObject({
      ok: false,
      error: { code: 'not-written' },
    });
    expect(idsIn(store)).toEqual(['10.1']);
  });

  it('nothing is written under another term, or under another text at the same revision', async () => {
    const { store, records } = bench();
    await records.update((value) => withBegun(value, move('10.1', 'n1')));
    store.entries.set('leader', { value: leader.replace('mn1', 'mn2'), mod: revision(10) });
    expect((await records.update((value) => withBegun(value, move('10.2', 'n2')))).ok).toBe(false);
    store.entries.set('leader', { value: leader, mod: revision(99) });
    expect(await records.read()).toMatchObject({ ok: false, error: { code: 'not-holder' } });
    expect(idsIn(store)).toEqual(['10.1']);
  });

  it('somebody else’s change is not written over', async () => {
    const { store, records } = bench();
    await records.update((value) => withBegun(value, move('10.1', 'n1')));
    const other = recordsText({ ...noRecords, moves: [move('9.1', 'n9')] });
    store.entries.set('serviceNodes', { value: other, mod: revision(50) });
    expect(await records.update((value) => withBegun(value, move('10.2', 'n2')))).toMatchObject({
      ok: false,
      error: { code: 'not-written' },
    });
    expect((await records.update((value) => withBegun(value, move('10.3', 'n3')))).ok).toBe(true);
    expect(idsIn(store)).toEqual(['9.1', '10.3']);
  });

  it('a move of a node that is in another one is refused by what etcd has, not by what was planned', async () => {
    const { store, records } = bench();
    await records.update((value) => withBegun(value, move('10.1', 'n1')));
    expect(await records.update((value) => withBegun(value, move('10.2', 'n1')))).toMatchObject({
      ok: false,
      error: { message: 'n1 is in a move that is not known to be over.' },
    });
    expect(idsIn(store)).toEqual(['10.1']);
  });

  it('that nobody can read stay as they are', async () => {
    const { store, records } = bench();
    store.entries.set('serviceNodes', { value: '{"version":1,"moves":[', mod: revision(11) });
    expect(await records.update((value) => withBegun(value, move('10.1', 'n1')))).toMatchObject({
      ok: false,
      error: { code: 'unreadable' },
    });
    expect(store.entries.get('serviceNodes')?.value).toBe('{"version":1,"moves":[');
  });
});
