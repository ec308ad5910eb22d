import type { AgentName } from '../agent/agent-name.ts';
import { type AgentHost, type AgentResource, usualRoot, usualTemporary } from '../agent.ts';

/** One action, as an agent reads of it in its environment. */
export interface ActionFacts {
  readonly action: string;
  readonly limitMs: number;
  /** Of a monitor that repeats; 0 is a probe. */
  readonly intervalMs: number;
  /** OCF_CHECK_LEVEL; undefined: it is not set. */
  readonly level: number | undefined;
  /** Meta attributes beside the resource's own. */
  readonly meta: Readonly<Record<string, string>>;
}

/** pacemaker passes the same; agents tell by it a reason from a message. */
export const reasonPrefix = 'ocf-exit-reason:';

/** Nothing of hamnd's own environment reaches an agent, or the service that it starts. */
const ground = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LANG: 'C.UTF-8' } as const;

/** The whole environment of an agent. Sources: OCF Resource Agent API 1.1, "Environment variables"; pacemaker's services_linux.c. */
export function agentEnvironment(
  { provider, type }: AgentName,
  resource: AgentResource,
  facts: ActionFacts,
  { root = usualRoot, temporary = usualTemporary, node }: Omit<AgentHost, 'clock'>,
): Readonly<Record<string, string>> {
  const meta: Record<string, string> = {
    ...resource.meta,
    ...facts.meta,
    name: facts.action,
    timeout: String(Math.round(facts.limitMs)),
    interval: String(Math.round(facts.intervalMs)),
  };
  if (node !== undefined) meta['on_node'] = node;
  const env: Record<string, string> = { ...ground };
  for (const [name, value] of Object.entries(resource.parameters)) env[`OCF_RESKEY_${name}`] = value;
  for (const [name, value] of Object.entries(meta))
    env[`OCF_RESKEY_CRM_meta_${name.replaceAll('-', '_')}`] = value;
  if (facts.level !== undefined) {
    env['OCF_CHECK_LEVEL'] = String(facts.level);
    env['OCF_RESKEY_OCF_CHECK_LEVEL'] = String(facts.level);
  }
  return {
    ...env,
    OCF_ROOT: root,
    OCF_RA_VERSION_MAJOR: '1',
    OCF_RA_VERSION_MINOR: '1',
    OCF_RESOURCE_INSTANCE: resource.name,
    OCF_RESOURCE_TYPE: type,
    OCF_RESOURCE_PROVIDER: provider,
    OCF_EXIT_REASON_PREFIX: reasonPrefix,
    HA_RSCTMP: temporary,
  };
}
