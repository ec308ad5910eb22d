export * from './brands.ts';
export * from './claim.ts';
export * from './decide/candidacy.ts';
export * from './decide/contact.ts';
export * from './decide/decide.ts';
export * from './decide/facts.ts';
export * from './decide/identity.ts';
export * from './decide/intention.ts';
export * from './decide/line.ts';
export * from './decide/maintenance.ts';
export * from './decide/memory.ts';
export { postgresProblems } from './decide/postgres-problems.ts';
export { detachedOf } from './decide/quorum.ts';
export * from './decide/rejoin.ts';
export { graphOf, hasOwnRules, resourcePlan } from './decide/role-resources.ts';
export * from './decide/rule.ts';
export { explainCandidate } from './decide/rules/candidate.ts';
export { fencedNode, fenceLimitMs } from './decide/rules/fencing.ts';
export { againstSwitchover } from './decide/rules/handover.ts';
export { defaultHandover } from './decide/rules/handover-limits.ts';
export { seenAsAnother } from './decide/rules/safety.ts';
export { scheduledLifeMs, scheduleLateMs } from './decide/rules/schedule.ts';
export { costlyRecoveryBytes } from './decide/rules/start-again.ts';
export * from './group/detached-value.ts';
export * from './group/fencing-value.ts';
export * from './group/identity-value.ts';
export * from './group/keys.ts';
export * from './group/maintenance-value.ts';
export * from './group/member-parts.ts';
export * from './group/member-service.ts';
export * from './group/resource-wish-value.ts';
export * from './group/schedule-value.ts';
export * from './group/store.ts';
export * from './group/unmanaged-value.ts';
export * from './group/values.ts';
export * from './group/view.ts';
export * from './local-facts.ts';
export * from './lsn.ts';
export * from './near.ts';
export * from './observation.ts';
export * from './postgres-trouble.ts';
export * from './postgres-view.ts';
export * from './quantity.ts';
export * from './reading.ts';
export { type Failures, failureCount, judgeFailures, type Verdict } from './resources/failures.ts';
export * from './resources/graph.ts';
export * from './resources/graph-problems.ts';
export * from './resources/kinds/drbd.ts';
export * from './resources/kinds/exec.ts';
export * from './resources/kinds/job.ts';
export * from './resources/kinds/kinds.ts';
export * from './resources/kinds/link.ts';
export * from './resources/kinds/mount.ts';
export * from './resources/kinds/ocf.ts';
export * from './resources/kinds/postgres.ts';
export * from './resources/kinds/sync.ts';
export type {
  EscalationStep,
  MonitorDepth,
  MonitorSettings,
  ResourceDefaults,
  ResourceLayer,
  ResourceLimits,
  ResourceTraits,
} from './resources/kinds/traits.ts';
export * from './resources/kinds/unit.ts';
export * from './resources/kinds/vip.ts';
export { cleanedUp, type ResourceMemory, type ResourcesMemory } from './resources/memory.ts';
export * from './resources/plan.ts';
export * from './resources/process-units.ts';
export * from './resources/protection.ts';
export { findCycle } from './resources/reach.ts';
export * from './resources/resource.ts';
export { isWell, type Standing, type Standings } from './resources/standing.ts';
export * from './resources/states.ts';
export * from './resources/summary.ts';
export type { WantedRole } from './resources/wants.ts';
export * from './result.ts';
export * from './settings.ts';
export * from './slots.ts';
export * from './statistics.ts';
export * from './term/candidate.ts';
export * from './term/events.ts';
export * from './term/state.ts';
export * from './term/term.ts';
export * from './term/txn.ts';
export * from './timings.ts';
export * from './unit-view.ts';
export * from './watchdog.ts';
