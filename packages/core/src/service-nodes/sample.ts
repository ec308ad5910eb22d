import { type Instant, instant } from '../brands.ts';
import type { JudgeSettings, ProbeKind, ServiceNodeId } from './settings.ts';

/** One probe of one service node. */
export interface Sample {
  readonly serviceNode: ServiceNodeId;
  readonly kind: ProbeKind;
  /** When the probe was begun. */
  readonly at: Instant;
  /** `unmade`: the probe could not be made for a reason of this node's own (a program is missing); it counts neither way. */
  readonly outcome: 'ok' | 'failed' | 'unmade';
  /** One sentence. */
  readonly message: string;
}

/** Older samples than this say nothing any more: M rounds that each took their limit, and one that was late. */
export const windowMs = (rules: JudgeSettings): number =>
  Math.max(rules.samples, rules.recover) * (rules.everyMs + rules.limitMs) + rules.everyMs;

/** The samples that a later judgement can still need; what is kept has a bound. */
export function keepSamples(
  samples: readonly Sample[],
  rules: JudgeSettings,
  now: Instant,
): readonly Sample[] {
  const oldest = instant(now - windowMs(rules));
  const most = Math.max(rules.samples, rules.recover);
  const counts = new Map<string, number>();
  return samples
    .filter(({ at }) => at > oldest)
    .sort((a, b) => b.at - a.at)
    .filter(({ serviceNode, kind }) => {
      const count = (counts.get(`${serviceNode} ${kind}`) ?? 0) + 1;
      counts.set(`${serviceNode} ${kind}`, count);
      return count <= most;
    })
    .reverse();
}
