import type { Observation } from '../observation.ts';
import type { ResourcePlan } from '../resources/plan.ts';
import { type Facts, factsOf } from './facts.ts';
import { lookForTwin } from './identity.ts';
import type { Intention } from './intention.ts';
import type { Memory } from './memory.ts';
import { watchSigns } from './quorum.ts';
import { movesAgain, resourceLooks, resourcePlan, wishOf, withNewChance } from './role-resources.ts';
import type { Band, Match, Rule } from './rule.ts';
import { candidateRules } from './rules/candidate.ts';
import { candidateUpkeep } from './rules/candidate-upkeep.ts';
import { cascadeUpkeep } from './rules/cascade.ts';
import { fencingRules } from './rules/fencing.ts';
import { holderRules } from './rules/holder.ts';
import { maintenanceUpkeep } from './rules/maintenance.ts';
import { preparedRules } from './rules/prepared.ts';
import { restartUpkeep } from './rules/restart.ts';
import { safetyRules } from './rules/safety.ts';
import { scheduleRules } from './rules/schedule.ts';
import { servingRules } from './rules/serving.ts';
import { slotRules } from './rules/slots.ts';
import { synchronousRules } from './rules/synchronous.ts';
import { upkeepRules } from './rules/upkeep.ts';

/** The whole table, in the order in which it is tried. docs/states.md is generated from it. */
export const rules: readonly Rule[] = [
  ...safetyRules,
  ...holderRules,
  ...candidateRules,
  ...servingRules,
  ...synchronousRules,
  ...upkeepRules,
  ...slotRules,
  ...candidateUpkeep,
  ...cascadeUpkeep,
  ...scheduleRules,
  ...maintenanceUpkeep,
  ...restartUpkeep,
  ...fencingRules,
  ...preparedRules,
];

export interface Step {
  readonly rule: string;
  readonly band: Band;
  readonly because: string;
}

export interface Decision {
  readonly intentions: readonly Intention[];
  readonly memory: Memory;
  /** The rules that matched, in order, each with its reason. */
  readonly trace: readonly Step[];
  /** What is believed of the resources; undefined on a node that runs none. */
  readonly resources: ResourcePlan | undefined;
}

/**
 * Synchronous, total and deterministic. A safety match ends the tick; of the role rules the first match counts; all upkeep rules apply.
 * A rule sees the memory as the tick began, so that their order matters only where the bands say so.
 */
export function decide(seen: Observation, memory: Memory): Decision {
  const facts = factsOf(seen, { ...memory, ...lookForTwin(seen, memory), ...watchSigns(seen, memory) });
  const intentions: Intention[] = [];
  const trace: Step[] = [];
  let next = facts.memory;
  let roleDone = false;
  for (const rule of rules) {
    if (rule.band === 'role' && roleDone) continue;
    const match = rule.when(facts);
    if (match === undefined) continue;
    trace.push({ rule: rule.id, band: rule.band, because: match.because });
    intentions.push(...(match.intentions ?? []));
    next = remember(next, match);
    if (rule.band === 'safety') break;
    if (rule.band === 'role') roleDone = true;
  }
  const plan = resourcePlan(facts);
  const resources = plan === undefined ? next.resources : plan.memory;
  if (seen.local.managed) intentions.push(...resourceLooks(facts));
  return {
    intentions,
    memory: forget({ ...next, ...movesAgain(facts), resources, resourceWish: wishOf(facts) }, facts),
    trace,
    resources: plan,
  };
}

const remember = (memory: Memory, match: Match): Memory =>
  match.memory === undefined ? memory : { ...memory, ...match.memory };

/** What belongs to a term goes with it, and what was seen of a recovery when that is over. */
function forget(given: Memory, { seen, server }: Facts): Memory {
  const isOver = given.recovery !== undefined && (server?.kind === 'up' || server?.kind === 'down');
  const memory = isOver ? { ...given, recovery: undefined } : given;
  if (seen.term.hold !== undefined || (memory.promotedToken === undefined && memory.handover === undefined))
    return memory;
  return {
    ...memory,
    promotedToken: undefined,
    handover: undefined,
    stopped: undefined,
    mark: undefined,
    awaySince: {},
    wentAway: {},
    recovery: undefined,
    restarts: {},
    resources: withNewChance(seen.settings.resources, memory.resources),
    hungSince: undefined,
  };
}
