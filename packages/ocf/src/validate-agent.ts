import { done, fail, type Result } from '@hamn/core';
import type { Agent, AgentHost, AgentResource } from './agent.ts';
import { type JudgedFailure, judgeRun } from './judge-run.ts';
import { advertises } from './metadata/metadata.ts';
import { checkParameters } from './parameters/check-parameters.ts';
import { type AgentOrder, runAgent } from './run-agent.ts';

export type ValidateFailure = JudgedFailure | 'bad-parameters';

/**
 * Checks a resource's parameters against what the agent says of itself, then asks the agent (`validate-all`, where it has one). The second part
 * is about this node: programs, files, devices. Errors: `bad-parameters`, with all problems; those of `judgeRun`.
 */
export async function validateAgent(
  agent: Agent,
  resource: AgentResource,
  host: AgentHost,
  order: Pick<AgentOrder, 'limitMs' | 'level' | 'signal'> = {},
): Promise<Result<undefined, ValidateFailure>> {
  const problems = checkParameters(agent, resource);
  if (problems.length > 0) return fail('bad-parameters', problems.map(({ message }) => message).join(' '));
  if (!advertises(agent.metadata, 'validate-all')) return done;
  const ran = await runAgent(agent, resource, { ...order, action: 'validate-all' }, host);
  const judged = judgeRun(agent, resource, 'validate-all', ran);
  return judged.ok ? done : judged;
}
