import type { HistoryDocument } from '@hamn/api';
import type { HistoryValue } from '@hamn/core';
import { formatBytes, formatDuration, formatTime } from '../../text/quantities.ts';
import { hanging } from '../../text/wrap.ts';

/** Oldest first, so that the newest stands just above the prompt. */
export function renderHistory(document: HistoryDocument, options: { readonly width: number }): string {
  const width = Math.min(100, Math.max(60, options.width));
  if (document.entries.length === 0)
    return `Nothing has happened in ${document.cluster}/${document.group} yet.`;
  return document.entries.map((entry) => block(entry, width)).join('\n');
}

function block(
  { atWallMs, kind, from, node, token, why, phases, lossBytesBound }: HistoryValue,
  width: number,
): string {
  const way = from === undefined || from === node ? node : `${from} -> ${node}`;
  const lines = [
    `${formatTime(atWallMs)}  ${kind}  ${way}  (token ${token})`,
    hanging('  Why:    ', why, width),
  ];
  if (phases.length > 0)
    lines.push(
      hanging('  Phases: ', phases.map(({ name, ms }) => `${name} ${formatDuration(ms)}`).join(', '), width),
    );
  if (lossBytesBound !== undefined && lossBytesBound > 0)
    lines.push(`  Lost:   at most ${formatBytes(lossBytesBound)} of writes`);
  return lines.join('\n');
}
