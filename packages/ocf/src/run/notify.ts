/** A resource on a node, as a notification lists it. */
export interface NotifiedResource {
  readonly resource: string;
  readonly node: string;
}

/** The lists of a notification; all that are left out are empty. */
export type NotifyList =
  | 'start'
  | 'stop'
  | 'promote'
  | 'demote'
  | 'active'
  | 'inactive'
  | 'promoted'
  | 'unpromoted';

/** What the agents of a clone are told before and after one of them does something. */
export interface Notification {
  readonly type: 'pre' | 'post';
  readonly operation: 'start' | 'stop' | 'promote' | 'demote';
  readonly lists: Partial<Readonly<Record<NotifyList, readonly NotifiedResource[]>>>;
}

const listNames: Readonly<Record<NotifyList, readonly string[]>> = {
  start: ['start'],
  stop: ['stop'],
  promote: ['promote'],
  demote: ['demote'],
  active: ['active'],
  inactive: ['inactive'],
  // The old words beside the new ones: agents read either.
  promoted: ['promoted', 'master'],
  unpromoted: ['unpromoted', 'slave'],
};

/** Meta attributes of a `notify` action. Source: Pacemaker Administration, "Clone Notifications"; lists are parted by blanks. */
export function notifyMeta({ type, operation, lists }: Notification): Readonly<Record<string, string>> {
  const meta: Record<string, string> = { notify_type: type, notify_operation: operation };
  for (const [list, names] of Object.entries(listNames)) {
    const members = lists[list as NotifyList] ?? [];
    for (const name of names) {
      meta[`notify_${name}_resource`] = members.map(({ resource }) => resource).join(' ');
      meta[`notify_${name}_uname`] = members.map(({ node }) => node).join(' ');
    }
  }
  return meta;
}
