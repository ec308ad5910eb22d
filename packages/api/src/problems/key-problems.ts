import { groupPrefix } from '@hamn/core';
import type { ViewFacts } from '../build/view-facts.ts';
import { type Problem, problem } from '../problem.ts';

/** Keys that are missing or that nobody can read. */
export function keyProblems(facts: ViewFacts): readonly Problem[] {
  const { view, cluster, group } = facts;
  const prefix = groupPrefix(cluster, group);
  const problems: Problem[] = [];
  const named = {
    leader: view.leader,
    heartbeat: view.heartbeat,
    state: view.state,
    lease: view.lease,
    request: view.request,
    pause: view.pause,
    config: view.config,
  };
  const entries = [
    ...Object.entries(named),
    ...[...view.members].map(([name, entry]) => [`members/${name}`, entry] as const),
  ];
  for (const [key, entry] of entries) {
    if (entry.kind !== 'unreadable') continue;
    problems.push(
      problem('error', entry.reason, `Look at it with \`etcdctl get ${prefix}${key}\`. ${mend(key)}`),
    );
  }
  return [...problems, ...missingKeys(facts)];
}

function mend(key: string): string {
  if (key.startsWith('members/') || key === 'heartbeat' || key === 'lease')
    return 'The node that owns it writes it anew by itself; if it does not, restart hamnd there.';
  if (key === 'request') return 'It is carried out by nobody; the next command replaces it.';
  if (key === 'pause') return 'It counts as a pause until `hamnctl resume` removes it.';
  if (key === 'state')
    return 'The primary writes it anew by itself; without a primary restore it from a backup of etcd.';
  if (key === 'config')
    return 'The nodes go on with the last good settings; `hamnctl config apply` replaces it.';
  return 'Restore the value from a backup of etcd; until then nobody can take the term.';
}

function missingKeys({ view, cluster, group, unread }: ViewFacts): readonly Problem[] {
  if (unread || view.leader.kind !== 'absent') return [];
  const others = view.state.kind !== 'absent' || view.heartbeat.kind !== 'absent';
  if (others)
    return [
      problem(
        'error',
        'The key leader is gone though others of this group are there; hamn never makes it anew by itself.',
        'Restore etcd from a backup. Only when no node runs PostgreSQL as a primary: delete the group’s keys and run `hamnctl init` again.',
      ),
    ];
  return [
    problem(
      'error',
      `The group ${group} of cluster ${cluster} has not been set up: etcd holds no term.`,
      'Run `hamnctl init --file cluster.yaml` on the first data node.',
    ),
  ];
}
