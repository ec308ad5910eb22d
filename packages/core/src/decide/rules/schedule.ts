import type { ScheduleValue } from '../../group/schedule-value.ts';
import { presentValue } from '../../group/view.ts';
import { type Facts, isBusy } from '../facts.ts';
import type { Match, Rule } from '../rule.ts';
import { againstSwitchover } from './handover.ts';

/** Later than this after its time a scheduled switchover is not begun any more: its admin may no longer be there. */
export const scheduleLateMs = 300_000;
/** How long the request stands that is made of a schedule. */
export const scheduledLifeMs = 120_000;

const target = ({ to }: ScheduleValue): string => to ?? 'the best candidate';

/** Why a schedule will not be carried out, or undefined. */
function staleness(facts: Facts, schedule: ScheduleValue, token: number): string | undefined {
  const lateMs = facts.seen.wallMs - schedule.atWallMs;
  if (schedule.token !== token)
    return `The switchover to ${target(schedule)} was scheduled under term ${schedule.token}, and the term is ${token} now: it was dropped. Schedule it again if it is still wanted.`;
  if (lateMs > scheduleLateMs)
    return `The time of the scheduled switchover to ${target(schedule)} was over for ${Math.round(lateMs / 60_000)} minutes before it could begin (the limit is ${scheduleLateMs / 60_000}): it was dropped.`;
  return undefined;
}

function schedule(facts: Facts): Match | undefined {
  const { group, hold, seen, memory, request } = facts;
  const wish = group === undefined ? undefined : presentValue(group.schedule);
  if (hold === undefined || wish === undefined || isBusy(facts, 'schedule')) return undefined;
  const drop = (outcome: 'refused' | 'expired', message: string): Match => ({
    because: message,
    intentions: [{ kind: 'schedule.end', token: hold.token, id: wish.id, outcome, message }],
  });
  const stale = staleness(facts, wish, hold.token);
  if (stale !== undefined) return drop('expired', stale);
  if (seen.wallMs < wish.atWallMs)
    return { because: `A switchover to ${target(wish)}, scheduled by ${wish.by}, waits for its time.` };
  if (request !== undefined || memory.handover !== undefined)
    return { because: 'A scheduled switchover waits for the end of another request.' };
  const against = againstSwitchover(facts, wish.to);
  if (against !== undefined)
    return drop('refused', `The scheduled switchover was not begun at its time: ${against}`);
  const reason = `The time of the switchover to ${target(wish)} that ${wish.by} scheduled has come.`;
  return {
    because: reason,
    intentions: [{ kind: 'schedule.begin', token: hold.token, id: wish.id, reason }],
  };
}

export const scheduleRules: readonly Rule[] = [
  {
    id: 'schedule',
    band: 'upkeep',
    because:
      'A scheduled switchover becomes a request at its time, or is dropped with the reason: another term, too late, no able target.',
    when: schedule,
  },
];
