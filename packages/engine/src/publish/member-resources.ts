import {
  between,
  type Facts,
  failureCount,
  hasOwnRules,
  type MemberService,
  type ResourceKind,
  type ResourcePlan,
  type ResourceSettings,
  unitsOf,
  unitTaken,
  viewsOf,
} from '@hamn/core';

/** Room for a split brain with the commands out of it. */
const longestReason = 600;

/** What a node tells of its resources, the VIPs and the database among them. */
export function describeResources(facts: Facts, plan: ResourcePlan | undefined): readonly MemberService[] {
  const { now, wallMs, settings } = facts.seen;
  return settings.resources.map(({ name, what, failure }) => {
    const state = plan?.states.get(name);
    const memory = plan?.memory.get(name);
    const since = memory?.state?.since;
    const failures = memory === undefined ? 0 : failureCount(memory.failures, failure, now);
    return {
      name,
      kind: what.kind,
      state: state?.kind ?? 'unknown',
      want: plan?.standings.get(name)?.want,
      ...(state === undefined || state.reason === '' ? {} : { reason: state.reason.slice(0, longestReason) }),
      ...(since === undefined
        ? {}
        : { sinceWallMs: Math.round((wallMs - between(since, now)) / 1000) * 1000 }),
      ...(failures === 0 ? {} : { failures }),
      ...(memory?.copy === 'ahead' ? { ahead: true } : {}),
      ...unitHere(facts, what),
    };
  });
}

/** Which of its names a unit has on this node. */
function unitHere({ units }: Facts, what: ResourceKind): { readonly unit?: string } {
  if (what.kind !== 'unit' || unitsOf(what).length === 1) return {};
  const taken = unitTaken(viewsOf(what, units) ?? []);
  return taken === undefined ? {} : { unit: taken.unit };
}

/** Without what is told of at a place of its own: VIPs and the database. */
const ownResources = ({ seen }: Facts): readonly ResourceSettings[] =>
  seen.settings.resources.filter((resource) => !hasOwnRules(resource));

/** In sentences. */
export function resourceProblems(facts: Facts, plan: ResourcePlan | undefined): readonly string[] {
  return ownResources(facts).flatMap(({ name, failure }) => {
    const state = plan?.states.get(name);
    if (failure.outcome === 'ignore' || state === undefined) return [];
    if (state.kind === 'failed') return [`The resource ${name} has failed: ${state.reason}`];
    if (state.kind === 'degraded' || state.kind === 'absent')
      return [`The resource ${name} is ${state.kind}: ${state.reason}`];
    return [];
  });
}
