import { fail, ok, type Result } from '@hamn/core';
import { descend, readXml } from '@hamn/xml';

/** What an agent says of itself. Source: FenceAgentAPI of the ClusterLabs fence-agents, and their lib/metadata.rng. */
export interface AgentMetadata {
  /** By name, with `_` where the agent's own command line has `-`. */
  readonly parameters: ReadonlyMap<string, { readonly required: boolean }>;
  readonly actions: ReadonlySet<string>;
  /** `on` lets a node that comes back use its storage again: the agent cuts storage off, not power. */
  readonly isFabric: boolean;
}

/** Reads the answer to `metadata`. Never throws. Errors: `bad-metadata`. */
export function parseMetadata(text: string): Result<AgentMetadata, 'bad-metadata'> {
  const root = readXml(text, 'Its answer', { longest: 2_000_000, deepest: 32, isStrict: false });
  if (!root.ok || root.value.name !== 'resource-agent')
    return fail('bad-metadata', 'Its answer to `metadata` is not the description of a fence agent.');
  const parameters = new Map<string, { readonly required: boolean }>();
  for (const { attributes } of descend(root.value, 'parameters', 'parameter')) {
    const name = attributes['name'];
    if (name !== undefined && name !== '') parameters.set(name, { required: attributes['required'] === '1' });
  }
  const actions = new Set<string>();
  let isFabric = false;
  for (const { attributes } of descend(root.value, 'actions', 'action')) {
    const name = attributes['name']?.toLowerCase() ?? '';
    actions.add(name);
    if (name === 'on' && attributes['automatic'] === '1') isFabric = true;
  }
  return ok({ parameters, actions, isFabric });
}

/** The name by which an agent is told which outlet or machine is meant; undefined where it serves one only. */
export function plugParameter({ parameters }: AgentMetadata): string | undefined {
  return ['plug', 'port', 'nodename'].find((name) => parameters.has(name));
}

/** Why an agent cannot make a node harmless for certain; undefined when it can. */
export function unusableAgent(name: string, { actions, isFabric }: AgentMetadata): string | undefined {
  if (!actions.has('off')) return `${name} cannot switch anything off; choose another agent.`;
  if (!actions.has('status'))
    return `${name} has no \`status\`, so nobody could see that the node is off; choose another agent.`;
  if (isFabric)
    return `${name} cuts a node off from its storage and leaves it running: it would go on answering for the VIP. Choose an agent that switches the power.`;
  return undefined;
}
