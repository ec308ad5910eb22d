import { fail, ok, type Result } from '@hamn/core';

/** Which agent is meant: `ocf:heartbeat:IPaddr2` is the type IPaddr2 of the provider heartbeat. */
export interface AgentName {
  readonly provider: string;
  readonly type: string;
}

const usualProvider = 'heartbeat';

/** One file name: no slash and no leading dot, for it becomes a path of a program that root runs. */
const part = /^[A-Za-z0-9][A-Za-z0-9_.+-]*$/;

/** Reads `ocf:<provider>:<type>`, or `ocf:<type>` for the provider heartbeat. Errors: `bad-name`. */
export function parseAgentName(text: string): Result<AgentName, 'bad-name'> {
  const [standard, ...rest] = text.split(':');
  if (standard !== 'ocf' || rest.length === 0)
    return fail(
      'bad-name',
      `'${text}' does not name an OCF agent; write ocf:<provider>:<type>, for example ocf:heartbeat:IPaddr2.`,
    );
  const [provider, type] = rest.length === 1 ? [usualProvider, rest[0]] : rest;
  if (rest.length > 2 || !part.test(provider ?? '') || !part.test(type ?? ''))
    return fail(
      'bad-name',
      `'${text}' cannot be an OCF agent: provider and type are names of files, as in ocf:heartbeat:IPaddr2.`,
    );
  return ok({ provider: provider ?? '', type: type ?? '' });
}

export const spelled = ({ provider, type }: AgentName): string => `ocf:${provider}:${type}`;
