import { presentValue } from '@hamn/core';
import { preparedFailover } from '../build/prepared.ts';
import { dataNodes, type ViewFacts } from '../build/view-facts.ts';
import { type Problem, problem } from '../problem.ts';

/** Who leads, who says so, and who could next. */
export function roleProblems(facts: ViewFacts): readonly Problem[] {
  const { leader, holder, names } = facts;
  const problems: Problem[] = [];
  const claimants = names.filter((name) => facts.member(name)?.role === 'primary');
  if (claimants.length > 1)
    problems.push(
      problem(
        'error',
        `${claimants.join(' and ')} both say that they are primary; the term is held by ${holder ?? 'nobody'}.`,
        'The one without the term makes itself harmless within its deadline. If this stays, power that node off.',
      ),
    );
  if (leader?.kind === 'held' && !facts.holderHeardOf)
    problems.push(
      problem(
        'error',
        `${leader.holder} holds the term, but is not heard of.`,
        takeOverRemedy(facts, leader.holder, leader.termMs),
      ),
    );
  if (leader?.kind === 'released')
    problems.push(
      problem(
        'warning',
        `There is no primary: ${leader.by} released the term to ${leader.to}, which has not taken it yet.`,
        '`hamnctl explain` says what each node waits for.',
      ),
    );
  return [...problems, ...pauseProblems(facts), ...candidateProblems(facts)];
}

function takeOverRemedy(facts: ViewFacts, holder: string, termMs: number): string {
  const prepared = preparedFailover(facts);
  if (prepared !== undefined)
    return `${prepared.to} is ready to take over and waits for you: \`${prepared.command}\`. ${prepared.dataLoss}`;
  if (facts.settings?.failover === 'manual')
    return 'Failover is set to manual: `hamnctl failover` once a standby is ready; `hamnctl explain` says what each waits for.';
  return facts.settings?.fencing?.mode === 'required'
    ? `A standby takes over once ${holder} is confirmed to be off; see docs/runbooks/fencing.md if its devices are dead, too.`
    : `A standby takes over ${termMs} ms after its last sign; if none does, \`hamnctl explain\` says why.`;
}

function pauseProblems({ view }: ViewFacts): readonly Problem[] {
  const pause = presentValue(view.pause);
  if (pause === undefined) return [];
  const reason = pause.reason === '' ? '' : `: ${pause.reason}`;
  return [
    problem(
      'warning',
      `Paused by ${pause.by}${reason}. Nobody takes over by itself.`,
      'Run `hamnctl resume` when the work is done.',
    ),
  ];
}

/** With a primary and no standby that could follow it, the next fault is an outage. */
function candidateProblems(facts: ViewFacts): readonly Problem[] {
  const others = dataNodes(facts).filter((name) => name !== facts.holder);
  const heard = others.filter((name) => facts.member(name) !== undefined);
  if (facts.holder === undefined || heard.length === 0) return [];
  if (heard.some((name) => facts.member(name)?.candidacy?.eligible !== false)) return [];
  const reasons = heard.map(
    (name) => `${name}: ${facts.member(name)?.candidacy?.reasons.join(' ') || 'it gives no reason.'}`,
  );
  return [
    problem(
      'warning',
      `No standby could take over now. ${reasons.join(' ')}`,
      '`hamnctl explain` says more.',
    ),
  ];
}
