import type { ExplainDocument, NodeExplanation } from '@hamn/api';
import { type Paint, paint } from '../../text/colour.ts';
import { formatDuration } from '../../text/quantities.ts';
import { hanging } from '../../text/wrap.ts';

/** A paragraph for each node. */
export function renderExplain(
  document: ExplainDocument,
  options: { readonly width: number; readonly color: boolean },
): string {
  const width = Math.min(100, Math.max(60, options.width));
  const colour = paint(options.color);
  return [
    ...document.missing.map((text) => colour.dim(hanging('Note: ', text, width))),
    ...document.nodes.map((node) => paragraph(node, width, colour)),
  ].join('\n\n');
}

function paragraph(node: NodeExplanation, width: number, colour: Paint): string {
  const lines = [
    `${colour.bold(node.name)} (${node.role})`,
    hanging('  Now:       ', node.doing, width),
    hanging('  May lead:  ', mayLead(node), width),
    ...node.problems.map((text) => colour.yellow(hanging('  Problem:   ', text, width))),
    ...(node.inFlight ?? []).map(({ key, forMs }) =>
      hanging('  Under way: ', `${key}, for ${formatDuration(forMs)}`, width),
    ),
    ...rules(node, width),
  ];
  return lines.join('\n');
}

function mayLead({ candidacy, role }: NodeExplanation): string {
  if (role === 'primary') return 'It does.';
  if (candidacy === undefined) return role === 'witness' ? 'Never: it is a witness.' : 'It does not say.';
  return `${candidacy.eligible ? 'Yes.' : 'No.'} ${candidacy.reasons.join(' ')}`;
}

function rules({ rules: steps }: NodeExplanation, width: number): readonly string[] {
  if (steps === undefined) return [];
  if (steps.length === 0) return ['  Rules:     none applied at the last look'];
  return steps.map(({ rule, band, because }, index) =>
    hanging(index === 0 ? '  Rules:     ' : '             ', `${rule} (${band}): ${because}`, width),
  );
}
