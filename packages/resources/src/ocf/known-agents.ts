import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { done, fail, type OcfResource, ok, type Result } from '@hamn/core';
import type { ResourceFailure } from '@hamn/engine';
import { type Agent, type AgentHost, type AgentResource, checkParameters, describeAgent } from '@hamn/ocf';

interface Known {
  readonly key: string;
  readonly agent: Agent;
  /** Its parameters are what it says it takes, and the agent itself had nothing against them. */
  isValid: boolean;
}

/** What is known of each resource's agent: asked for once, and again when its file or the settings have changed. */
export class KnownAgents {
  readonly #known = new Map<string, Known>();

  async describe(
    resource: AgentResource,
    ocf: OcfResource,
    host: AgentHost,
  ): Promise<Result<Known, ResourceFailure>> {
    const key = await keyOf(resource, ocf, host.root ?? '/usr/lib/ocf');
    const known = this.#known.get(resource.name);
    if (known?.key === key) return ok(known);
    const agent = await describeAgent(`ocf:${ocf.provider}:${ocf.agent}`, host);
    if (!agent.ok) return fail('unusable', agent.error.message);
    const fresh: Known = { key, agent: agent.value, isValid: false };
    this.#known.set(resource.name, fresh);
    return ok(fresh);
  }

  /** Before the first start: `check` is the agent's own look at its parameters. */
  async validate(
    known: Known,
    resource: AgentResource,
    check: () => Promise<Result<unknown, ResourceFailure>>,
  ): Promise<Result<undefined, ResourceFailure>> {
    if (known.isValid) return done;
    const problems = checkParameters(known.agent, resource);
    if (problems.length > 0) return fail('unusable', problems.map(({ message }) => message).join(' '));
    const checked = await check();
    if (!checked.ok) return checked;
    known.isValid = true;
    return done;
  }
}

async function keyOf(
  resource: AgentResource,
  { provider, agent }: OcfResource,
  root: string,
): Promise<string> {
  const file = await stat(join(root, 'resource.d', provider, agent)).catch(() => undefined);
  return JSON.stringify([provider, agent, resource, file?.mtimeMs, file?.size, file?.ino]);
}
