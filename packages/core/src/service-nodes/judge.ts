import { between, type Instant, longAgo } from '../brands.ts';
import { assert } from '../result.ts';
import { type KindView, kindView } from './kind-view.ts';
import type { Sample } from './sample.ts';
import type { JudgeSettings, ServiceNode, ServiceNodeId, ServiceNodesSettings } from './settings.ts';
import type { ServiceNodeVerdict } from './view-value.ts';

/** What is thought of one service node, and why. It is also what the next judgement remembers. */
export interface Judgement {
  readonly name: ServiceNodeId;
  readonly verdict: ServiceNodeVerdict;
  /** When this verdict began. */
  readonly since: Instant;
  /** One sentence. */
  readonly because: string;
  /** When it was found down, the newest last; only what `flapWithinMs` still needs. */
  readonly downs: readonly Instant[];
  readonly isFlapping: boolean;
}

export interface Judgements {
  readonly of: ReadonlyMap<ServiceNodeId, Judgement>;
  /** When they were judged. */
  readonly at: Instant;
  /** Why it is the management node that seems to be cut off, so that nobody may be called lost; undefined when it is not. */
  readonly us: string | undefined;
}

export const noJudgements: Judgements = { of: new Map(), at: longAgo, us: undefined };

/**
 * Judges every service node anew from the samples that are kept. Total and deterministic: the same samples, memory and time give the same
 * judgements. A primary that has just come begins without memory: everything is `unknown` until it has seen enough by itself.
 */
export function judge(
  settings: ServiceNodesSettings,
  samples: readonly Sample[],
  before: Judgements,
  now: Instant,
): Judgements {
  const { judge: rules } = settings;
  assert(rules.failures >= 2, 'a service node could be called down on one sample');
  const of = new Map(
    settings.members.map((member) => {
      const own = samples.filter((sample) => sample.serviceNode === member.name && sample.at <= now);
      return [member.name, judgeOne(member, own, rules, before.of.get(member.name), now)];
    }),
  );
  return { of, at: now, us: isItUs(settings, of) };
}

function judgeOne(
  member: ServiceNode,
  samples: readonly Sample[],
  rules: JudgeSettings,
  before: Judgement | undefined,
  now: Instant,
): Judgement {
  const found = member.isInMaintenance
    ? ({ verdict: 'maintenance', because: 'It is in maintenance by the settings.' } as const)
    : verdictOf(
        member.probes.map((kind) => kindView(kind, samples, rules, now)),
        rules,
        before?.verdict,
      );
  const since = before?.verdict === found.verdict ? before.since : now;
  const isNewlyDown = found.verdict === 'down' && before?.verdict !== 'down';
  const downs = [...(before?.downs ?? []), ...(isNewlyDown ? [now] : [])].filter(
    (at) => between(at, now) < rules.flapWithinMs,
  );
  return {
    name: member.name,
    ...found,
    since,
    // What is beyond the rule changes nothing.
    downs: downs.slice(-rules.flaps),
    isFlapping: downs.length >= rules.flaps,
  };
}

/** A verdict of down is left only for up, and a good sample or two are no recovery. */
function verdictOf(
  kinds: readonly KindView[],
  rules: JudgeSettings,
  before: ServiceNodeVerdict | undefined,
): { readonly verdict: ServiceNodeVerdict; readonly because: string } {
  const failing = kinds.filter(({ state }) => state === 'failing');
  const bad = kinds.filter(({ lastFailed }) => lastFailed);
  const seen = kinds.filter(({ state }) => state !== 'unseen');
  const say = (views: readonly KindView[]): string => views.map(({ text }) => text).join(', ');
  if (failing.length >= rules.kinds)
    return { verdict: 'down', because: `It does not answer: ${say(failing)}.` };
  if (seen.length === 0)
    return before === 'down'
      ? { verdict: 'down', because: 'It was down, and nothing newer was seen of it.' }
      : { verdict: 'unknown', because: 'Nothing was seen of it lately.' };
  if (seen.length === kinds.length && kinds.every(({ state }) => state === 'steady'))
    return { verdict: 'up', because: `All of its probes answer: ${say(kinds)}.` };
  if (before === 'down')
    return {
      verdict: 'down',
      because: `It was down and is up after ${rules.recover} good answers in a row of each probe: ${say(kinds)}.`,
    };
  // What was up stays so while no probe failed lately, even though one could not be made.
  if (before === 'up' && bad.length === 0 && failing.length === 0)
    return { verdict: 'up', because: `No probe fails: ${say(seen)}.` };
  if (failing.length === 0 && bad.length === 0 && before !== 'suspect')
    return { verdict: 'unknown', because: `Too little was seen so far: ${say(seen)}.` };
  return { verdict: 'suspect', because: `Some probes fail, or failed lately: ${say(kinds)}.` };
}

/** When most seem down the cause is more likely here. Suspects count, so that a cut is known as such before the first one is called down. */
function isItUs(
  settings: ServiceNodesSettings,
  of: ReadonlyMap<ServiceNodeId, Judgement>,
): string | undefined {
  const counted = [...of.values()].filter(({ verdict }) => verdict !== 'maintenance');
  const seemDown = counted.filter(({ verdict }) => verdict === 'down' || verdict === 'suspect');
  const isDown = seemDown.some(({ verdict }) => verdict === 'down');
  if (!isDown || seemDown.length <= settings.judge.most * counted.length) return undefined;
  const names = seemDown.map(({ name }) => name).join(', ');
  return `${seemDown.length} of ${counted.length} service nodes seem down (${names}), more than ${Math.round(
    settings.judge.most * 100,
  )} %: the fault is more likely here. Look at this node's network; set \`maintenance: true\` at those that are really off.`;
}
