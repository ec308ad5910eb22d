import { after, type Instant } from '../brands.ts';
import { escalationBegun, escalationFurther } from './escalate.ts';
import { forgiven, withFailure } from './failures.ts';
import type { ResourceNode } from './graph.ts';
import { isGood, type ResourceLevel, type ResourceMemory } from './memory.ts';
import { isOptional } from './resource.ts';
import type { ResourceAct, ResourceFinish, ResourceLook, ResourceSeen } from './states.ts';

/** From what was seen to what is believed: acts that ended first, then the newest look. */

/** An adapter ends each act within its limit. One that does not for so long after it is taken for lost. */
export const overdueGraceMs = 5000;

export interface DigestContext {
  readonly node: ResourceNode;
  readonly now: Instant;
  readonly term: number | undefined;
  /** It is to run here and is hamn's to restart: what is wrong with it counts. */
  readonly counts: boolean;
}

export function limitOf({ settings: { limits } }: ResourceNode, act: ResourceAct): number {
  switch (act) {
    case 'start':
      return limits.startMs;
    case 'promote':
      return limits.promoteMs;
    case 'demote':
    case 'outdate':
      return limits.demoteMs;
    case 'monitor':
      return limits.monitorMs;
    case 'stop':
    case 'kill':
      return limits.stopMs;
  }
}

export const isOverdue = (node: ResourceNode, { inFlight }: ResourceSeen, now: Instant): boolean =>
  inFlight !== undefined && now > after(inFlight.since, limitOf(node, inFlight.act) + overdueGraceMs);

export function digest(context: DigestContext, seen: ResourceSeen, before: ResourceMemory): ResourceMemory {
  const ended = endedNow(context, seen, before);
  const memory = ended === undefined ? before : digestFinish(context, ended, { ...before, handled: ended });
  return digestLook(context, seen, memory);
}

function endedNow(
  { node, now }: DigestContext,
  { finished, inFlight }: ResourceSeen,
  { handled }: ResourceMemory,
): ResourceFinish | undefined {
  const isNew = (finish: ResourceFinish): boolean =>
    handled === undefined ||
    finish.at > handled.at ||
    (finish.at === handled.at && finish.act !== handled.act);
  if (inFlight !== undefined && inFlight.act !== 'monitor') {
    const at = after(inFlight.since, limitOf(node, inFlight.act) + overdueGraceMs);
    const message = `Its ${inFlight.act} did not end at its limit.`;
    const lost: ResourceFinish = { act: inFlight.act, at, ok: false, code: 'overdue', message };
    if (now > at && (handled === undefined || at > handled.at)) return lost;
  }
  return finished !== undefined && isNew(finished) ? finished : undefined;
}

function digestFinish(
  context: DigestContext,
  finish: ResourceFinish,
  memory: ResourceMemory,
): ResourceMemory {
  const { act, at, ok, message } = finish;
  const reason = ok ? '' : (message ?? `Its ${act} failed.`);
  const base = { ...memory, actedAt: at, badLooks: 0, lateStart: undefined, reason, degraded: undefined };
  switch (act) {
    case 'start':
      return ok ? started(context, base) : startFailed(context, finish, counted(context, at, base));
    case 'promote':
      // It may run on as it was before: the next look tells.
      return ok ? { ...base, level: 'promoted' } : { ...counted(context, at, base), level: 'unlooked' };
    case 'demote':
      return { ...base, level: ok ? 'running' : 'failed' };
    case 'outdate':
      // Where it failed the next look tells whether it is still due.
      return { ...memory, actedAt: at, copy: ok ? 'stale' : undefined };
    case 'stop':
      if (ok) return { ...base, level: 'stopped', escalation: undefined, reason: memory.reason };
      return { ...base, escalation: escalationBegun(at, reason) };
    case 'kill':
      if (ok) return { ...base, level: 'stopped', escalation: undefined, reason: memory.reason };
      return {
        ...base,
        escalation:
          memory.escalation === undefined
            ? escalationFurther(escalationBegun(at, ''), reason)
            : escalationFurther(memory.escalation, reason),
      };
  }
}

const started = ({ node, term }: DigestContext, memory: ResourceMemory): ResourceMemory =>
  node.traits.once
    ? { ...memory, level: 'stopped', ranFor: term }
    : { ...memory, level: 'running', escalation: undefined };

function startFailed(
  { node }: DigestContext,
  finish: ResourceFinish,
  memory: ResourceMemory,
): ResourceMemory {
  if (node.traits.once) return { ...memory, level: 'stopped' };
  if (finish.code === 'timeout') return { ...memory, level: 'unlooked', lateStart: finish.at };
  return { ...memory, level: 'failed' };
}

function counted({ node, counts }: DigestContext, at: Instant, memory: ResourceMemory): ResourceMemory {
  if (!counts) return memory;
  return {
    ...memory,
    failures: withFailure(memory.failures, node.settings.failure, at, memory.reason),
  };
}

function digestLook(context: DigestContext, seen: ResourceSeen, memory: ResourceMemory): ResourceMemory {
  const { look, inFlight } = seen;
  if (look === undefined || context.node.traits.once || isOld(look, memory)) return memory;
  const looked = { ...memory, lookedAt: look.at };
  const isActing =
    inFlight !== undefined && inFlight.act !== 'monitor' && !isOverdue(context.node, seen, context.now);
  if (isActing || look.at <= memory.actedAt) return looked;
  if (!look.found.known) return couldNotTell(context, look.found.reason, looked);
  const found = look.found.value;
  const told = { ...looked, absent: found.absent === true ? found.reason : undefined };
  if (memory.escalation !== undefined) {
    return found.level === 'stopped' ? { ...told, level: 'stopped', escalation: undefined } : told;
  }
  return isGood(found.level) ? foundGood(context, found, told) : foundBad(context, found, told);
}

/** What cannot lie is taken as often as it is said: it says nothing else the second time, and the look before it may have been of the same instant. */
function isOld({ at, found }: NonNullable<ResourceSeen['look']>, { lookedAt }: ResourceMemory): boolean {
  return found.known && found.value.sure ? at < lookedAt : at <= lookedAt;
}

function couldNotTell(context: DigestContext, reason: string, memory: ResourceMemory): ResourceMemory {
  if (memory.escalation !== undefined) return memory;
  const told = { ...memory, reason };
  // The start had its time; what does not answer after it either is not running.
  if (memory.lateStart !== undefined) return { ...told, level: 'failed', lateStart: undefined };
  const enough = context.node.settings.monitor.confirm + 1;
  return isBorne(context, memory) ? silent(enough, told) : badLook(context, 'unknown', enough, told);
}

/** Worth the role, it is not borne: another node may reach what this one does not. */
const isBorne = ({ node: { traits, settings } }: DigestContext, { level }: ResourceMemory): boolean =>
  traits.outlastsSilence && isOptional(settings) && (isGood(level) || level === 'unlooked');

/** There, and it does not answer: told, and left to those who wait for it. */
function silent(enough: number, memory: ResourceMemory): ResourceMemory {
  const badLooks = memory.badLooks + 1;
  if (memory.degraded === undefined && badLooks < enough) return { ...memory, badLooks };
  const level = isGood(memory.level) ? memory.level : 'running';
  return { ...memory, level, badLooks: 0, degraded: memory.reason };
}

function foundGood(context: DigestContext, found: ResourceLook, memory: ResourceMemory): ResourceMemory {
  const reason = found.reason ?? '';
  if (memory.level === 'promoted' && found.level === 'running') {
    const lost = reason === '' ? 'It is not promoted any more.' : reason;
    return badLook(context, 'running', needed(context, found), { ...memory, reason: lost });
  }
  const failures =
    memory.lateStart === undefined ? memory.failures : forgiven(memory.failures, memory.lateStart);
  return {
    ...memory,
    level: found.level,
    badLooks: 0,
    lateStart: undefined,
    failures,
    reason,
    degraded: found.reason,
    copy: found.copy,
  };
}

function foundBad(context: DigestContext, found: ResourceLook, memory: ResourceMemory): ResourceMemory {
  const { level } = found;
  const isCertain =
    found.absent === true ||
    memory.lateStart !== undefined ||
    memory.level === 'stopped' ||
    memory.level === 'failed' ||
    memory.level === 'unknown' ||
    (memory.level === 'unlooked' && level === 'stopped');
  if (isCertain) {
    const reason = found.reason ?? memory.reason;
    return { ...memory, level, badLooks: 0, lateStart: undefined, reason };
  }
  const reason = found.reason ?? (level === 'stopped' ? 'It stopped by itself.' : 'It has failed.');
  return badLook(context, level, needed(context, found), { ...memory, reason });
}

const needed = ({ node }: DigestContext, { sure }: ResourceLook): number =>
  sure ? 1 : node.settings.monitor.confirm;

/** A monitor that lies once is no failure: `enough` bad looks in a row are. */
function badLook(
  context: DigestContext,
  level: ResourceLevel,
  enough: number,
  memory: ResourceMemory,
): ResourceMemory {
  const badLooks = memory.badLooks + 1;
  if (badLooks < enough) return { ...memory, badLooks };
  const wasBelieved = isGood(memory.level) || memory.level === 'unlooked';
  const sunk = { ...memory, level, badLooks: 0, degraded: undefined };
  return wasBelieved ? counted(context, memory.lookedAt, sunk) : sunk;
}
