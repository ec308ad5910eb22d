import { didYouMean } from '@hamn/config';
import { type FenceDevice, type FenceStep, fail, type NodeId, ok, type Result } from '@hamn/core';
import type { Agent } from '../agent/agent-catalog.ts';
import { plugParameter } from '../agent/metadata.ts';
import { readSecret } from './secret-file.ts';

/** What an agent is given on its standard input, up to the action. */
export interface AgentInput {
  readonly lines: readonly string[];
  readonly secrets: readonly string[];
}

export type InputFailure = 'bad-option' | 'bad-plug' | 'bad-secret';

/** Errors say which option of which device, and what to write. */
export async function agentInput(
  agent: Agent,
  device: FenceDevice,
  step: FenceStep,
  target: NodeId,
): Promise<Result<AgentInput, InputFailure>> {
  const { parameters } = agent.metadata;
  const lines: string[] = [];
  const secrets: string[] = [];
  for (const [option, value] of Object.entries(device.options)) {
    const name = option.replaceAll('-', '_');
    if (!parameters.has(name)) return unknownOption(agent, device, option);
    const text = typeof value === 'string' ? ok(value) : await readSecret(value.file);
    if (!text.ok) return text;
    if (/\p{Cc}/u.test(text.value))
      return fail('bad-option', `The option ${option} of ${device.name} has more than one line.`);
    if (typeof value !== 'string') secrets.push(text.value);
    lines.push(`${name}=${text.value}`);
  }
  const plug = plugLine(agent, device, step, target);
  return plug.ok ? ok({ lines: [...lines, ...plug.value], secrets }) : plug;
}

function unknownOption(
  { name, metadata }: Agent,
  device: FenceDevice,
  option: string,
): Result<never, 'bad-option'> {
  const legal = [...metadata.parameters.keys()];
  const near = didYouMean(option, legal);
  return fail('bad-option', `${name} has no option '${option}' (device ${device.name}).${near}`);
}

function plugLine(
  { name, metadata }: Agent,
  device: FenceDevice,
  { plug }: FenceStep,
  target: NodeId,
): Result<readonly string[], 'bad-plug'> {
  const parameter = plugParameter(metadata);
  if (parameter === undefined) {
    if (plug === undefined) return ok([]);
    return fail(
      'bad-plug',
      `${name} serves one machine and knows no plugs; write ${device.name} without \`plug\`.`,
    );
  }
  if (plug !== undefined) return ok([`${parameter}=${plug}`]);
  if (parameter === 'nodename') return ok([`nodename=${target}`]);
  if (metadata.parameters.get(parameter)?.required !== true) return ok([]);
  return fail(
    'bad-plug',
    `${name} serves several machines; write {device: ${device.name}, plug: ...} with the one that is ${target}.`,
  );
}
