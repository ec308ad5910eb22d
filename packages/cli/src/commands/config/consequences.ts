import { type ClusterSettings, type NodeFile, readClusterSettings } from '@hamn/config';
import { type GroupView, presentValue } from '@hamn/core';
import { formatDuration, listOf } from '../../text/quantities.ts';

/** Why new settings must not replace the present ones now, or undefined. */
export function againstSettings(
  view: GroupView,
  settings: ClusterSettings,
  { group, file }: { readonly group: string; readonly file: NodeFile },
): string | undefined {
  if (view.config.kind !== 'present')
    return `The group ${group} of cluster ${file.cluster} has not been set up; \`hamnctl init --file\` does that.`;
  const wanted = settings.groups.get(group);
  if (wanted === undefined)
    return `The new settings have no group ${group}, only ${listOf([...settings.groups.keys()])}. To give a group up: docs/service-nodes.md.`;
  const leader = presentValue(view.leader);
  const holder = leader?.kind === 'held' ? leader.holder : undefined;
  const node = wanted.nodes.find((other) => other.name === holder);
  if (holder !== undefined && node?.role !== 'data')
    return `${holder} is primary now, and the new settings ${node === undefined ? `leave it out of group ${group}` : 'make it a witness'}. Move the role first: \`hamnctl switchover\`.`;
  const present = presentValue(view.config);
  const before = present === undefined ? undefined : readClusterSettings(present, 'etcd');
  const had = before?.ok === true ? before.value.groups.get(group)?.postgres : undefined;
  if (
    had !== undefined &&
    wanted.postgres !== undefined &&
    had.dataDirectory !== wanted.postgres.dataDirectory
  )
    return `The data directory would change from ${had.dataDirectory} to ${wanted.postgres.dataDirectory} under a running database. Stop hamn on all nodes to move data.`;
  return undefined;
}

/** What an admin should know before saying yes. */
export function notesOnSettings(
  view: GroupView,
  settings: ClusterSettings,
  group: string,
): readonly string[] {
  const notes: string[] = [];
  const leader = presentValue(view.leader);
  if (leader !== undefined && leader.termMs !== settings.timings.termMs)
    notes.push(
      `T changes from ${formatDuration(leader.termMs)} to ${formatDuration(settings.timings.termMs)} with the next term, not before.`,
    );
  const electorate = presentValue(view.state)?.electorate ?? [];
  const nodes = settings.groups.get(group)?.nodes ?? [];
  const gone = electorate.filter((name) => !nodes.some((node) => node.name === name));
  if (gone.length > 0)
    notes.push(`${listOf(gone)} may lead now and is left out: stop hamnd there, or it goes on promising.`);
  if (settings.groups.get(group)?.failover === 'manual')
    notes.push('With `failover: manual` nobody takes over until an admin says so.');
  return notes;
}
