import type { NodeId } from '../brands.ts';
import type { MemberPostgres } from '../group/values.ts';
import { presentValue } from '../group/view.ts';
import { lagBytes, parseLsn } from '../lsn.ts';
import { type Facts, memberOf, otherDataNodes } from './facts.ts';
import type { UpstreamNode } from './intention.ts';
import { maintenanceOf } from './maintenance.ts';
import type { Match } from './rule.ts';

/**
 * A standby's own word, while it is up and streams and its disk says that its data is of the line that the present term has recorded. Streaming and the
 * timeline's number alone prove nothing: PostgreSQL goes by the number (see line.ts).
 */
export function onTermsLine(facts: Facts, node: NodeId): MemberPostgres | undefined {
  const { group, leader, state } = facts;
  const last = state?.promotions.at(-1);
  if (group?.leader.kind !== 'present' || leader?.kind !== 'held' || leader.holder === node) return undefined;
  if (last === undefined || last.token !== Number(group.leader.mod)) return undefined;
  const it = memberOf(facts, node)?.postgres;
  if (it?.state !== 'standby' || it.streaming !== true) return undefined;
  return it.timeline === last.timeline && it.lineToken === last.token ? it : undefined;
}

/** The standby whose files a clone reads, to spare the primary's disks: one with `clonefrom` that has nearly all. */
function standbySource(facts: Facts): UpstreamNode | undefined {
  const { group, memory, pgSettings } = facts;
  // What was cloned from a standby and does not stream, or was tried and failed, is cloned from the primary.
  if (memory.cloneTried !== undefined || group === undefined || pgSettings === undefined) return undefined;
  const ahead = parseLsn(presentValue(group.heartbeat)?.lsn ?? '');
  if (!ahead.ok) return undefined;
  const near = otherDataNodes(facts).flatMap(({ name, address, clonefrom }) => {
    if (clonefrom !== true || maintenanceOf(facts, name) !== undefined) return [];
    const at = parseLsn(onTermsLine(facts, name)?.lsn ?? '');
    const lag = at.ok ? lagBytes(ahead.value, at.value) : Number.POSITIVE_INFINITY;
    return lag <= pgSettings.maxLagBytes ? [{ node: name, address, lag }] : [];
  });
  const [best] = near.sort((a, b) => a.lag - b.lag || (a.node < b.node ? -1 : 1));
  return best === undefined ? undefined : { node: best.node, address: best.address };
}

/** A clone to follow `upstream`, the primary; its files come from there or from a standby. */
export function cloneMatch(facts: Facts, upstream: UpstreamNode, because: string): Match {
  const source = standbySource(facts);
  if (source === undefined)
    return { because, intentions: [{ kind: 'postgres.clone', upstream, reason: because }] };
  const reason = `${because} The files are read from ${source.node} (clonefrom), a standby of ${upstream.node}.`;
  return {
    because: reason,
    memory: { cloneTried: source.node },
    intentions: [{ kind: 'postgres.clone', upstream, source, reason }],
  };
}
