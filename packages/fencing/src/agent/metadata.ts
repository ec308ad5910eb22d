import { fail, ok, type Result } from '@hamn/core';
import { DOMParser, type Document } from '@xmldom/xmldom';

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
  const document = parseXml(text);
  if (document?.documentElement?.nodeName !== 'resource-agent')
    return fail('bad-metadata', 'Its answer to `metadata` is not the description of a fence agent.');
  const parameters = new Map<string, { readonly required: boolean }>();
  for (const parameter of document.getElementsByTagName('parameter')) {
    const name = parameter.getAttribute('name');
    if (name !== null && name !== '')
      parameters.set(name, { required: parameter.getAttribute('required') === '1' });
  }
  const actions = new Set<string>();
  let isFabric = false;
  for (const action of document.getElementsByTagName('action')) {
    const name = action.getAttribute('name')?.toLowerCase() ?? '';
    actions.add(name);
    if (name === 'on' && action.getAttribute('automatic') === '1') isFabric = true;
  }
  return ok({ parameters, actions, isFabric });
}

function parseXml(text: string): Document | undefined {
  try {
    // Agents write texts into it that are not escaped well; what is not fatal does not matter here.
    return new DOMParser({ onError: (level) => level !== 'fatalError' }).parseFromString(text, 'text/xml');
  } catch {
    return undefined;
  }
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
