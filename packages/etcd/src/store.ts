import { done, type GroupKey, type NodeId, type RawGroup } from '@hamn/core';
import type { StorePort } from '@hamn/engine';
import { Announcement } from './announcement.ts';
import { type GroupOptions, groupDeps } from './group-deps.ts';
import { GroupWatch } from './group-watch.ts';
import { Leadership } from './leadership.ts';
import { listFolder, type ReadDeps, readGroup } from './reads.ts';
import { transact } from './transact.ts';

export interface StoreOptions extends GroupOptions {
  readonly node: NodeId;
  /** This node's address, as it stands in its etcd member's client URLs. */
  readonly address: string;
  readonly witnesses: readonly string[];
}

/** The store on etcd 3.4 or later. Nothing is dialled before the first call. */
export function createStore(options: StoreOptions): StorePort {
  const deps = groupDeps(options);
  const { endpoints } = deps;
  const leadership = new Leadership(options, { endpoints });
  const announcements = announcementsOf(deps);
  const watches: GroupWatch[] = [];
  return {
    read: (timeoutMs) => readGroup(timeoutMs, deps),
    transact: (txn, timeoutMs) => transact(txn, timeoutMs, deps),
    list: (folder, timeoutMs) => listFolder(folder, timeoutMs, deps),
    watch: (onGroup: (group: RawGroup) => void) => {
      const watch = new GroupWatch({ onGroup }, deps);
      watches.push(watch);
      watch.start();
    },
    announce: announcements.announce,
    withdraw: announcements.withdraw,
    leader: (timeoutMs) => leadership.view(timeoutMs),
    moveLeader: (memberId, timeoutMs) => leadership.move(memberId, timeoutMs),
    close: () => {
      for (const watch of watches) watch.close();
      announcements.close();
      endpoints.close();
      return Promise.resolve();
    },
  };
}

/** Closing leaves announced keys to their leases, so that a daemon that restarts does not make them flicker. */
function announcementsOf(
  deps: ReadDeps,
): Pick<StorePort, 'announce' | 'withdraw'> & { readonly close: () => void } {
  const kept = new Map<GroupKey, Announcement>();
  return {
    announce: (key, value, ttlSeconds, timeoutMs) => {
      let announcement = kept.get(key);
      if (announcement?.ttlSeconds !== ttlSeconds) {
        announcement?.close();
        announcement = new Announcement({ key, ttlSeconds }, deps);
        kept.set(key, announcement);
      }
      return announcement.put(value, timeoutMs);
    },
    withdraw: (key, timeoutMs) => {
      const announcement = kept.get(key);
      kept.delete(key);
      return announcement?.withdraw(timeoutMs) ?? Promise.resolve(done);
    },
    close: () => {
      for (const announcement of kept.values()) announcement.close();
    },
  };
}
