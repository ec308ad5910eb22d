import { nodeId } from '@hamn/core';
import type { ViewFacts } from '../build/view-facts.ts';
import { type Problem, problem } from '../problem.ts';

/** What single nodes suffer from, by their own word or their silence. */
export function nodeProblems(facts: ViewFacts): readonly Problem[] {
  return [
    ...silenceProblems(facts),
    ...facts.names.flatMap((name) => problemsOf(facts, name)),
    ...versionProblems(facts),
  ];
}

/** One problem for all: a cut network silences several at once. The holder's silence is an error of its own; see role-problems.ts. */
function silenceProblems(facts: ViewFacts): readonly Problem[] {
  if (facts.unread) return [];
  const silent = facts.names.filter(
    (name) => name !== facts.holder && (facts.view.members.get(nodeId(name))?.kind ?? 'absent') === 'absent',
  );
  if (silent.length === 0) return [];
  const who = silent.length === 1 ? `${silent[0] ?? ''} is` : `${silent.join(', ')} are`;
  return [
    problem(
      'warning',
      `${who} not heard of.`,
      'Check power and network; there, `systemctl status hamnd` and `hamnctl doctor`.',
    ),
  ];
}

function problemsOf(facts: ViewFacts, name: string): readonly Problem[] {
  const member = facts.member(name);
  if (member === undefined) return [];
  const own = member.problems.map((text) =>
    problem(member.healthy ? 'warning' : 'error', `${name}: ${text}`),
  );
  return [...own, ...oldSettings(facts, name, member.configRevision)];
}

function oldSettings(facts: ViewFacts, name: string, revision: number | undefined): readonly Problem[] {
  const { config } = facts.view;
  if (config.kind !== 'present' || revision === undefined || revision >= config.mod) return [];
  return [
    problem(
      'warning',
      `${name} still runs older settings (revision ${revision}, the newest is ${config.mod}).`,
      `\`hamnctl events\` on ${name} says why it did not take the new ones.`,
    ),
  ];
}

function versionProblems(facts: ViewFacts): readonly Problem[] {
  const versions = new Map<string, string[]>();
  for (const name of facts.names) {
    const version = facts.member(name)?.version;
    if (version !== undefined) versions.set(version, [...(versions.get(version) ?? []), name]);
  }
  if (versions.size < 2) return [];
  const which = [...versions].map(([version, names]) => `${version} on ${names.join(', ')}`);
  return [
    problem(
      'warning',
      `The nodes run different versions of hamn: ${which.join('; ')}.`,
      'Upgrade the older ones.',
    ),
  ];
}
