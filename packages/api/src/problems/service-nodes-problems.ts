import { presentValue } from '@hamn/core';
import type { ViewFacts } from '../build/view-facts.ts';
import { type Problem, problem } from '../problem.ts';

const look = '`hamnctl sn status` says more; see docs/service-nodes.md.';

/** xCAT's service nodes, as the primary wrote them under the present term. None of it endangers the role or its data. */
export function serviceNodesProblems({ view, settings, token }: ViewFacts): readonly Problem[] {
  const entry = view.serviceNodesView;
  if (settings?.serviceNodes === undefined || entry === undefined) return [];
  if (entry.kind === 'unreadable')
    return [problem('warning', entry.reason, 'The primary writes it anew by itself within a minute.')];
  const seen = presentValue(entry);
  if (seen === undefined || seen.token !== token) return [];
  const warn = (text: string, remedy: string = look): Problem => problem('warning', text, remedy);
  const down = seen.members.filter(({ verdict }) => verdict === 'down');
  return [
    ...(seen.us === undefined ? [] : [warn(seen.us)]),
    ...(seen.trouble === undefined ? [] : [warn(seen.trouble)]),
    ...down.map(({ name, because, nodes = 0 }) => {
      const text = `The service node ${name} is down and serves ${nodes} nodes. ${because ?? ''}`.trim();
      const isProposed = seen.proposed.some(({ from }) => from === name);
      return warn(
        text,
        isProposed ? `\`hamnctl sn move ${name}\` moves its nodes as \`hamnctl sn status\` shows.` : look,
      );
    }),
    ...seen.members
      .filter(({ isFlapping }) => isFlapping === true)
      .map(({ name }) =>
        warn(`The service node ${name} goes down and up again and again; it gets no nodes.`),
      ),
  ];
}
