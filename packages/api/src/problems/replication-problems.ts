import { isDegraded, neededStandbys } from '../build/degraded.ts';
import { dataNodes, type ViewFacts } from '../build/view-facts.ts';
import { type Problem, problem } from '../problem.ts';

/** Whether the data is in more than one place. */
export function replicationProblems(facts: ViewFacts): readonly Problem[] {
  const mode = facts.settings?.postgres?.mode;
  if (mode === undefined || facts.holder === undefined || !facts.holderHeardOf) return [];
  const standbys = dataNodes(facts).filter((name) => name !== facts.holder);
  const problems: Problem[] = [];
  if (standbys.length > 0 && isDegraded(facts)) problems.push(degraded(facts, mode));
  for (const name of standbys) {
    const postgres = facts.member(name)?.postgres;
    if (postgres === undefined) continue;
    if (postgres.streaming === false)
      problems.push(
        problem(
          'warning',
          `${name} does not receive changes from ${facts.holder} (PostgreSQL there: ${postgres.state}).`,
          `Wait while it rejoins; \`hamnctl explain ${name}\` says what it does, \`hamnctl reinit ${name}\` clones it again.`,
        ),
      );
  }
  return problems;
}

const degraded = (facts: ViewFacts, mode: string): Problem => {
  const left = (facts.state?.synchronous.length ?? 1) - 1;
  if (mode === 'quorum' && left > 0)
    return problem(
      'warning',
      `${left} of the ${neededStandbys(facts)} standbys that mode quorum asks for acknowledge writes now.`,
      'A standby is added by itself once it has caught up; see which one is missing below.',
    );
  return mode === 'strict'
    ? problem(
        'error',
        'No standby acknowledges writes, and mode strict does not write without one: the database waits.',
        'Bring a standby back, or apply settings with `mode: synchronous`.',
      )
    : problem(
        'warning',
        'No standby acknowledges writes now: if the primary’s disk is lost, so are the newest ones.',
        'A standby is added by itself once it has caught up; see which one is missing below.',
      );
};
