import { didYouMean } from '@hamn/config';
import type { Agent, AgentResource } from '../agent.ts';
import { expectedInstead } from './value-type.ts';

export interface ParameterProblem {
  readonly code: 'unknown' | 'missing' | 'wrong-type' | 'illegal';
  readonly parameter: string;
  /** A sentence with the place and the remedy. Values of strings are never in it: they may be secrets. */
  readonly message: string;
}

/** What ocf-shellfuncs reads for every agent, whatever its metadata lists. */
const ofEveryAgent: ReadonlySet<string> = new Set(['trace_ra', 'trace_dir']);

/** All that is wrong with a resource's parameters, judged by what the agent says of itself. Pure. */
export function checkParameters(agent: Agent, resource: AgentResource): readonly ParameterProblem[] {
  const { parameters } = agent.metadata;
  const at = `(resource ${resource.name})`;
  const given = Object.entries(resource.parameters).flatMap(([name, value]): readonly ParameterProblem[] => {
    const parameter = parameters.get(name);
    if (parameter === undefined) {
      if (ofEveryAgent.has(name)) return [];
      const near = didYouMean(name, [...parameters.keys()]);
      const message = `${agent.name} has no parameter '${name}' ${at}.${near}`;
      return [{ code: 'unknown', parameter: name, message }];
    }
    if (value.includes('\0')) {
      const message = `The parameter '${name}' ${at} holds a zero byte, which no program can be given.`;
      return [{ code: 'illegal', parameter: name, message }];
    }
    const expected = expectedInstead(parameter, value);
    if (expected === undefined) return [];
    const message = `The parameter '${name}' of ${agent.name} ${at} is '${value}', but must be ${expected}.`;
    return [{ code: 'wrong-type', parameter: name, message }];
  });
  return [...given, ...missing(agent, resource)];
}

/** A required parameter that has a default is not missed by the agent. */
function missing(agent: Agent, resource: AgentResource): readonly ParameterProblem[] {
  return [...agent.metadata.parameters.values()]
    .filter(({ required, default: usual = '' }) => required && usual === '')
    .filter(({ name }) => (resource.parameters[name] ?? '') === '')
    .map(({ name, shortText }) => ({
      code: 'missing',
      parameter: name,
      message: `${agent.name} needs the parameter '${name}'${shortText === '' ? '' : ` (${shortText})`}; give it to the resource ${resource.name}.`,
    }));
}
