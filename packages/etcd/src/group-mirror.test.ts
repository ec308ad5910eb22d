import { type GroupKey, type RawGroup, revision } from '@hamn/core';
import { describe, expect, it } from 'vitest';
import { GroupMirror } from './group-mirror.ts';
import { GroupSpace } from './group-space.ts';
import type { WatchAnswer, WatchEvent } from './wire/watch.ts';

const space = new GroupSpace({ cluster: 'c', group: 'mn' });

const group = (at: number, entries: Readonly<Record<string, number>>, clusterId = 'a'): RawGroup => ({
  revision: revision(at),
  clusterId,
  entries: new Map(
    Object.entries(entries).map(([key, mod]) => [key as GroupKey, { value: `v${mod}`, mod: revision(mod) }]),
  ),
});

const put = (key: GroupKey, mod: number): WatchEvent => ({
  deleted: false,
  keyValue: { key: space.path(key), value: `v${mod}`, mod },
});

const answer = (...events: readonly WatchEvent[]): WatchAnswer => ({
  header: { clusterId: 'a', memberId: 'm', revision: 99, raftTerm: 1 },
  created: false,
  canceled: false,
  compactRevision: 0,
  cancelReason: '',
  events,
});

const mirrorOf = (read: RawGroup): GroupMirror => {
  const mirror = new GroupMirror({ space });
  mirror.takeRead(read);
  return mirror;
};

describe('the mirror of a group', () => {
  it('applies events after its revision and no others', () => {
    const mirror = mirrorOf(group(10, { leader: 8, heartbeat: 10 }));
    expect(mirror.takeEvents(answer(put('heartbeat', 9), put('heartbeat', 10)))).toBe('stale');
    expect(mirror.takeEvents(answer(put('heartbeat', 12)))).toBe('changed');
    expect(mirror.group).toEqual(group(12, { leader: 8, heartbeat: 12 }));
  });

  it('takes away what was deleted', () => {
    const mirror = mirrorOf(group(10, { leader: 8, lease: 9 }));
    const gone = { deleted: true, keyValue: { key: space.path('lease'), value: '', mod: 11 } };
    expect(mirror.takeEvents(answer(gone))).toBe('changed');
    expect(mirror.group).toEqual(group(11, { leader: 8 }));
  });

  it('never goes back in revision', () => {
    const mirror = mirrorOf(group(10, { leader: 8 }));
    expect(mirror.takeRead(group(9, { leader: 7 }))).toBe('stale');
    expect(mirror.group).toEqual(group(10, { leader: 8 }));
  });

  it('goes back only with an etcd that did: a linearizable read below what was known when it was sent', () => {
    const mirror = mirrorOf(group(10, { leader: 8 }));
    const asked = mirror.group;
    mirror.takeEvents(answer(put('heartbeat', 12)));
    expect(mirror.takeRead(group(11, { leader: 8 }), asked)).toBe('stale');
    expect(mirror.takeRead(group(9, { leader: 7 }), asked)).toBe('changed');
    expect(mirror.group).toEqual({ ...group(9, { leader: 7 }), wentBackFrom: 10 });
  });

  it('starts again in another cluster, even at a lower revision', () => {
    const mirror = mirrorOf(group(10, { leader: 8 }));
    expect(mirror.takeRead(group(3, { leader: 2 }, 'b'))).toBe('changed');
    expect(mirror.takeEvents(answer(put('leader', 20)))).toBe('stale');
    expect(mirror.group).toEqual(group(3, { leader: 2 }, 'b'));
  });

  it('follows the revision over history and foreign keys, but does not show them', () => {
    const mirror = mirrorOf(group(10, { leader: 8 }));
    const foreign = { deleted: false, keyValue: { key: `${space.path('leader')}x`, value: '', mod: 12 } };
    expect(mirror.takeEvents(answer(put('history/8', 11), foreign))).toBe('same');
    expect(mirror.group).toEqual(group(12, { leader: 8 }));
  });

  it('tells a read without news from one with news', () => {
    const mirror = mirrorOf(group(10, { leader: 8 }));
    expect(mirror.takeRead(group(14, { leader: 8 }))).toBe('same');
    expect(mirror.takeRead(group(15, { leader: 15 }))).toBe('changed');
  });
});
