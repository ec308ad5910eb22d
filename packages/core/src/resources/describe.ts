import {
  isGivenUp,
  type Standing,
  type Standings,
  stepOf,
  stopsAfter,
  waitsFor,
  wantNow,
} from './standing.ts';
import type { ResourceState } from './states.ts';

/** Of a job that need not run any more. */
export const jobHasRun: string = 'It has run to its end in this term.';

/** How a resource is, in a word and a sentence. */
export function describe(one: Standing, all: Standings): ResourceState {
  const { memory, busy } = one;
  if (!one.managed) return { kind: 'unmanaged', reason: `An admin has it in hand. It is ${levelText(one)}.` };
  if (busy === 'start' || busy === 'promote') return { kind: 'starting', reason: retryText(one) };
  if (busy === 'stop' || busy === 'demote' || busy === 'kill')
    return { kind: 'stopping', reason: memory.escalation?.reason ?? '' };
  const step = stepOf(one);
  if (step !== undefined)
    return { kind: 'failed', reason: `It could not be stopped: ${memory.escalation?.reason ?? ''}` };
  return one.node.traits.once ? describeJob(one, all) : describeLevel(one, all);
}

function describeLevel(one: Standing, all: Standings): ResourceState {
  const { memory } = one;
  switch (memory.level) {
    case 'unlooked':
      return { kind: 'unknown', reason: memory.reason === '' ? 'It was not looked at yet.' : memory.reason };
    case 'unknown':
      return { kind: 'unknown', reason: memory.reason };
    case 'failed':
      return { kind: 'failed', reason: sentence(memory.reason, stopText(one, all)) };
    case 'stopped':
      return describeStopped(one, all);
    case 'running':
    case 'promoted':
      return describeGood(one, all, memory.level);
  }
}

function describeStopped(one: Standing, all: Standings): ResourceState {
  // Said where it is not to run as well: it would be missing after a take-over.
  if (one.memory.absent !== undefined) return { kind: 'absent', reason: one.memory.absent };
  if (one.want === 'stopped') return { kind: 'stopped', reason: '' };
  if (one.heldBy !== undefined)
    return { kind: 'stopped', reason: `It works on ${one.heldBy}, which is not there.` };
  if (isGivenUp(one)) return { kind: 'failed', reason: givenUpText(one) };
  if (one.forbidden !== undefined && !one.node.traits.promotable)
    return { kind: 'failed', reason: `It is not started: ${one.forbidden}` };
  // What failed and waits for nothing else waits for the end of a pause.
  return { kind: 'stopped', reason: waitText(one, all) || retryText(one) };
}

function describeGood(one: Standing, all: Standings, kind: 'running' | 'promoted'): ResourceState {
  const { memory } = one;
  if (wantNow(one) === 'stopped') return { kind, reason: stopText(one, all) };
  if (memory.badLooks > 0) return { kind, reason: `A second look is taken: ${memory.reason}` };
  if (memory.degraded !== undefined) return { kind: 'degraded', reason: memory.degraded };
  if (one.forbidden !== undefined && one.want === 'promoted' && kind === 'running')
    return { kind: 'failed', reason: `It is not promoted: ${one.forbidden}` };
  if (one.forbidden !== undefined && isHad(one)) return { kind: 'degraded', reason: one.forbidden };
  if (kind === 'running' && one.want === 'promoted' && isGivenUp(one))
    return { kind: 'failed', reason: givenUpText(one) };
  if (kind === 'running' && one.want === 'promoted') return { kind, reason: waitText(one, all) };
  return { kind, reason: '' };
}

/** This node has what one alone may have. */
const isHad = ({ memory, node }: Standing): boolean => memory.level === 'promoted' || !node.traits.promotable;

function describeJob(one: Standing, all: Standings): ResourceState {
  if (one.hasRun) return { kind: 'stopped', reason: jobHasRun };
  if (one.want === 'stopped') return { kind: 'stopped', reason: '' };
  if (isGivenUp(one)) return { kind: 'failed', reason: givenUpText(one) };
  return { kind: 'stopped', reason: waitText(one, all) || retryText(one) };
}

function levelText({ memory }: Standing): string {
  if (memory.level === 'unlooked') return 'not looked at yet';
  return memory.reason === '' ? memory.level : `${memory.level}: ${memory.reason.replace(/\.$/, '')}`;
}

function givenUpText({ node, verdict }: Standing): string {
  const { restarts, windowMs } = node.settings.failure;
  const reason = verdict.kind === 'given-up' ? verdict.reason : '';
  return `It failed more than ${restarts} times within ${windowMs / 1000} s. The last time: ${reason}`;
}

const retryText = ({ verdict }: Standing): string =>
  verdict.kind === 'restart' ? `Restart ${verdict.count} of ${verdict.of}: ${verdict.reason}` : '';

function waitText(one: Standing, all: Standings): string {
  const names = waitsFor(one, all);
  return names.length === 0 ? '' : `It waits for ${names.join(', ')}.`;
}

function stopText(one: Standing, all: Standings): string {
  const names = stopsAfter(one, all);
  return names.length === 0 ? '' : `It stops after ${names.join(', ')}.`;
}

const sentence = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(' ');
