/** What an agent says of itself. Source: OCF Resource Agent API 1.1, "Metadata", and ra-api.rng. */
export interface AgentMetadata {
  readonly name: string;
  /** The version of the OCF API that it was written for: `1.0` or `1.1`; undefined where it does not say. */
  readonly apiVersion: string | undefined;
  readonly shortText: string;
  readonly longText: string;
  readonly parameters: ReadonlyMap<string, AgentParameter>;
  readonly actions: readonly AgentActionEntry[];
}

export interface AgentParameter {
  readonly name: string;
  readonly required: boolean;
  /** No two resources of this agent may have the same value in this group of parameters; undefined: they may. */
  readonly uniqueGroup: string | undefined;
  /** A change needs no restart. OCF 1.0 has no word for it; undefined there. */
  readonly reloadable: boolean | undefined;
  readonly deprecated: boolean;
  /** As the agent writes it: `string`, `integer`, `boolean`, `select`, or a word of its own. */
  readonly type: string;
  /** The legal values of a `select`; empty for every other type. */
  readonly options: readonly string[];
  /** What the agent takes when nothing is given. It may be computed from the resource's name. */
  readonly default: string | undefined;
  readonly shortText: string;
  readonly longText: string;
}

/** One line of the agent's table of actions. `monitor` may have several: by depth, by role. */
export interface AgentActionEntry {
  readonly name: string;
  readonly timeoutMs: number | undefined;
  readonly intervalMs: number | undefined;
  readonly startDelayMs: number | undefined;
  /** How thoroughly a monitor looks; what OCF_CHECK_LEVEL is set to. */
  readonly depth: number;
  readonly role: 'promoted' | 'unpromoted' | undefined;
}

/** Pacemaker's default limit of an operation, where the agent gives none. */
const usualLimitMs = 20_000;

export const advertises = ({ actions }: AgentMetadata, action: string): boolean =>
  actions.some(({ name }) => name === action);

/**
 * The limit that the agent advises for an action, in milliseconds: of the monitor with this depth and role where there is one, else the longest
 * of that name, else 20 s. Agents mean it as the least that an admin should give.
 */
export function advisedLimitMs(
  { actions }: AgentMetadata,
  action: string,
  { level = 0, role }: { readonly level?: number | undefined; readonly role?: AgentActionEntry['role'] } = {},
): number {
  const named = actions.filter(({ name, timeoutMs }) => name === action && timeoutMs !== undefined);
  const exact = named.filter((entry) => entry.depth === level && entry.role === role);
  const limits = (exact.length > 0 ? exact : named).map(({ timeoutMs }) => timeoutMs ?? 0);
  return limits.length > 0 ? Math.max(...limits) : usualLimitMs;
}
