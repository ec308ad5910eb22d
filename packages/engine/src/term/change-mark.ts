import type { GroupView } from '@hamn/core';

const modText = (entry: { readonly kind: string; readonly mod?: number }): string =>
  entry.kind === 'absent' ? '-' : String(entry.mod);

/** Equal while nothing has changed in the group that a tick must not wait for. */
export const changeMark = (group: GroupView): string =>
  [
    group.leader,
    group.state,
    group.request,
    group.pause,
    group.config,
    group.lease,
    ...group.fencing.values(),
  ]
    .map(modText)
    .join();
