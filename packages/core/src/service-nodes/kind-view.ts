import type { Instant } from '../brands.ts';
import { type Sample, windowMs } from './sample.ts';
import type { JudgeSettings, ProbeKind } from './settings.ts';

/** What one kind of probe says: `steady` is enough good answers in a row, `failing` N of the last M. */
export interface KindView {
  readonly kind: ProbeKind;
  readonly state: 'steady' | 'failing' | 'mixed' | 'unseen';
  readonly lastFailed: boolean;
  /** For a sentence: `ping failed 3 of 3`. */
  readonly text: string;
}

export function kindView(
  kind: ProbeKind,
  samples: readonly Sample[],
  rules: JudgeSettings,
  now: Instant,
): KindView {
  const newestFirst = samples
    .filter(
      (sample) => sample.kind === kind && sample.outcome !== 'unmade' && sample.at > now - windowMs(rules),
    )
    .sort((a, b) => b.at - a.at);
  const last = newestFirst.slice(0, rules.samples);
  const failed = last.filter(({ outcome }) => outcome === 'failed').length;
  const lastFailed = newestFirst[0]?.outcome === 'failed';
  const firstBad = newestFirst.findIndex(({ outcome }) => outcome === 'failed');
  const goodInARow = firstBad === -1 ? newestFirst.length : firstBad;
  const view = { kind, lastFailed };
  if (last.length === 0) return { ...view, state: 'unseen', text: `${kind} was not seen` };
  if (failed >= rules.failures && lastFailed)
    return { ...view, state: 'failing', text: `${kind} failed ${failed} of ${last.length}` };
  if (goodInARow >= rules.recover) return { ...view, state: 'steady', text: `${kind} answers` };
  const text =
    failed === 0 ? `${kind} answered ${last.length} times` : `${kind} failed ${failed} of ${last.length}`;
  return { ...view, state: 'mixed', text };
}
