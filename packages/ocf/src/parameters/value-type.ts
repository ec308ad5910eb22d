import type { AgentParameter } from '../metadata/metadata.ts';

/** The words that all agents take for yes: both ocf_is_true() of ocf-shellfuncs and is_true() of ocf.py. To them anything else is no. */
const yes = ['yes', 'true', '1', 'YES', 'TRUE', 'ja', 'on', 'ON'];
const no = ['no', 'false', '0', 'NO', 'FALSE', 'False', 'off', 'OFF'];

/**
 * What a value should have been, as "an integer"; undefined when it is legal. Types that only the agent knows are left to it, and so is a type
 * that the agent's own default does not have (in Debian 12: rabbitmq-server-ha, pingd, jboss).
 */
export function expectedInstead(parameter: AgentParameter, value: string): string | undefined {
  const usual = parameter.default ?? '';
  if (usual !== '' && mismatch(parameter, usual) !== undefined) return undefined;
  return mismatch(parameter, value);
}

function mismatch({ type, options }: AgentParameter, value: string): string | undefined {
  switch (type) {
    case 'integer':
      return /^\s*[+-]?\d+\s*$/.test(value) ? undefined : 'an integer';
    case 'boolean':
      // 'Yes' or 'y' would silently mean no.
      return [...yes, ...no].includes(value) ? undefined : 'true or false';
    case 'select':
      return options.length === 0 || options.includes(value) ? undefined : `one of ${options.join(', ')}`;
    default:
      return undefined;
  }
}
