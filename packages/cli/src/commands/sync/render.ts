import type { CopyReport, FileSyncDiffDocument, FileSyncDocument, SenderReport } from '@hamn/api';
import { type Paint, paint } from '../../text/colour.ts';
import { formatDuration } from '../../text/quantities.ts';
import { plainTable } from '../../text/table.ts';
import { hanging } from '../../text/wrap.ts';

export interface RenderOptions {
  readonly width: number;
  readonly color: boolean;
}

/** Who sends what to whom, and what is not level and why. Fits into 80 columns. */
export function renderFileSync(document: FileSyncDocument, options: RenderOptions): string {
  const width = Math.min(100, Math.max(60, options.width));
  const colour = paint(options.color);
  const { resources, senders, node, primary } = document;
  if (resources.length === 0)
    return 'The settings have no resource of kind sync; docs/file-sync.md tells how files follow the role.';
  if (node !== primary)
    return hanging('', `${node} receives ${resources.join(', ')}. ${whoSends(primary)}`, width);
  const silent = resources.filter((name) => senders.every(({ resource }) => resource !== name));
  return [
    ...senders.map((sender) => senderText(sender, document.atWallMs, width, colour)),
    ...silent.map((name) =>
      colour.red(hanging('', `No sender of ${name} answers on ${node}; hamnctl resources says why.`, width)),
    ),
  ].join('\n\n');
}

const whoSends = (primary: string | undefined): string =>
  primary === undefined
    ? 'Nobody is primary, so nobody sends.'
    : `${primary} is primary and sends: ask there how far each copy is.`;

function senderText(sender: SenderReport, atWallMs: number, width: number, colour: Paint): string {
  const { resource, node, folders, troubles, copies, standing } = sender;
  const table = plainTable(
    ['STANDBY', 'STATE', 'WAITING', 'OLDEST', 'LEVEL', 'COMPARED', 'DRIFT'].map((title) => colour.dim(title)),
    copies.map((copy) => row(copy, atWallMs, colour)),
    width,
  );
  const reasons = copies
    .filter(({ reason, state }) => reason !== '' && state !== 'comparing')
    .map((copy) => `${copy.node}: ${copy.reason}`);
  const drifted = copies.flatMap((copy) => copy.drifted.map((path) => `${copy.node}: mended ${path}`));
  return [
    hanging(
      '',
      `${resource}: ${node} sends, and watches ${folders} folders. Its files are ${worth[standing]}.`,
      width,
    ),
    copies.length === 0 ? 'There is no standby to send to.' : table,
    ...[...troubles, ...reasons].map((text) => colour.yellow(hanging('Note: ', text, width))),
    ...drifted.map((text) => hanging('  ', text, width)),
  ].join('\n');
}

const worth: Readonly<Record<SenderReport['standing'], string>> = {
  origin: 'the first ones; no standby has all of them yet',
  receiving: 'no complete copy',
  complete: 'complete',
};

function row(copy: CopyReport, atWallMs: number, colour: Paint): readonly string[] {
  const { node, state, backlogFiles, ageMs, levelAtWallMs, comparedAtWallMs, drift } = copy;
  const ago = (at: number | undefined): string =>
    at === undefined ? '-' : `${formatDuration(Math.max(0, atWallMs - at))} ago`;
  return [
    node,
    state === 'level'
      ? state
      : state === 'behind' || state === 'comparing'
        ? colour.yellow(state)
        : colour.red(state),
    backlogFiles === 0 ? '-' : String(backlogFiles),
    ageMs === 0 ? '-' : formatDuration(ageMs),
    state === 'level' ? 'now' : ago(levelAtWallMs),
    ago(comparedAtWallMs),
    drift === 0 ? '-' : String(drift),
  ];
}

/** In rsync's own words: `--itemize-changes` of rsync(1). */
export function renderDiff({ diffs, resource }: FileSyncDiffDocument): string {
  if (diffs.length === 0) return 'There is no standby to compare with.';
  return diffs
    .map(({ node, known, reason, count, paths }) => {
      if (!known) return `${node}: not compared: ${reason}`;
      if (count === 0) return `${node} has the files of ${resource} as they are here.`;
      const more = count > paths.length ? [`  and ${count - paths.length} further ones`] : [];
      return [`${node}: ${count} differences`, ...paths.map((path) => `  ${path}`), ...more].join('\n');
    })
    .join('\n');
}
