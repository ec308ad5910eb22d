import { both, withRule } from './over.ts';

/** What a standby of another line looks like for a moment is believed. */

/** Every standby is taken for one of the primary's line. */
const lineBelieved = (id: string): (() => () => void) =>
  withRule(id, (facts, own) => {
    const { group, server } = facts;
    if (group === undefined || server?.kind !== 'up') return own(facts);
    const members = new Map(group.members);
    for (const [name, entry] of group.members) {
      if (entry.kind !== 'present' || entry.value.postgres === undefined) continue;
      const postgres = { ...entry.value.postgres, timeline: server.timeline, lineToken: undefined };
      members.set(name, { ...entry, value: { ...entry.value, postgres } });
    }
    return own({ ...facts, group: { ...group, members } });
  });

/** It is pointed to the primary before anybody has looked at its data. */
const pointedUnseen: () => () => void = withRule('follow', (facts, own) => {
  const { postgres, leader } = facts;
  const isPointed = leader?.kind === 'held' && postgres?.configured.upstream === leader.holder;
  return own(isPointed ? facts : { ...facts, state: undefined });
});

export const otherLineCounts: () => () => void = both(
  pointedUnseen,
  ...['sync-away', 'sync-shrink-record', 'sync-names', 'sync-grow-record'].map(lineBelieved),
);

/** A standby that is seen to stream is well. */
export const vainBelieved: () => () => void = withRule('follow', (facts, own) => {
  const { server, seen } = facts;
  if (server?.kind !== 'up' || !server.streaming || !seen.contact.known) return own(facts);
  const contact = { ...seen.contact, value: { ...seen.contact.value, postgres: undefined } };
  return own({ ...facts, seen: { ...seen, contact } });
});
