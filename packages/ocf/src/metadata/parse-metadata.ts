import { fail, ok, type Result } from '@hamn/core';
import { childrenOf, type XmlElement } from '@hamn/xml';
import { parseInterval } from './interval.ts';
import type { AgentActionEntry, AgentMetadata, AgentParameter } from './metadata.ts';
import { attributeOf, describedBy, rootOf } from './xml.ts';

/** Without these no engine can work with an agent. */
const needed = ['start', 'stop', 'monitor'] as const;

/** Reads the answer to `meta-data`. Never throws. Errors: `bad-metadata`. */
export function parseMetadata(text: string): Result<AgentMetadata, 'bad-metadata'> {
  const root = rootOf(text);
  if (root?.name !== 'resource-agent')
    return fail('bad-metadata', 'Its answer to `meta-data` is not the description of a resource agent.');
  const parameters = new Map<string, AgentParameter>();
  for (const element of childrenOf(childrenOf(root, 'parameters')[0], 'parameter')) {
    const parameter = parameterOf(element);
    if (parameter.name !== '') parameters.set(parameter.name, parameter);
  }
  const actions = childrenOf(childrenOf(root, 'actions')[0], 'action').map(actionOf);
  const lacking = needed.filter((name) => !actions.some((action) => action.name === name));
  if (lacking.length > 0)
    return fail('bad-metadata', `Its answer to \`meta-data\` does not list ${lacking.join(', ')}.`);
  const apiVersion = childrenOf(root, 'version')[0]?.text.trim();
  return ok({
    name: attributeOf(root, 'name') ?? '',
    apiVersion: apiVersion === '' ? undefined : apiVersion,
    shortText: describedBy(root, 'shortdesc'),
    longText: describedBy(root, 'longdesc'),
    parameters,
    actions,
  });
}

function parameterOf(element: XmlElement): AgentParameter {
  const content = childrenOf(element, 'content')[0];
  const name = attributeOf(element, 'name') ?? '';
  // OCF 1.1 has groups; `unique="1"` of 1.0 is a group of one.
  const unique = saysYes(attributeOf(element, 'unique')) ? name : undefined;
  const reloadable = attributeOf(element, 'reloadable');
  return {
    name,
    required: saysYes(attributeOf(element, 'required')),
    uniqueGroup: attributeOf(element, 'unique-group') ?? unique,
    reloadable: reloadable === undefined ? undefined : saysYes(reloadable),
    deprecated: saysYes(attributeOf(element, 'deprecated')) || childrenOf(element, 'deprecated').length > 0,
    type: attributeOf(content, 'type')?.toLowerCase() || 'string',
    options: childrenOf(content, 'option').flatMap((option) => attributeOf(option, 'value') ?? []),
    // As it is: blanks may be meant.
    default: content?.attributes['default'],
    shortText: describedBy(element, 'shortdesc'),
    longText: describedBy(element, 'longdesc'),
  };
}

function actionOf(element: XmlElement): AgentActionEntry {
  const interval = (name: string): number | undefined => parseInterval(attributeOf(element, name) ?? 'none');
  const depth = attributeOf(element, 'depth') ?? '';
  return {
    name: attributeOf(element, 'name') ?? '',
    timeoutMs: interval('timeout'),
    intervalMs: interval('interval'),
    startDelayMs: interval('start-delay'),
    depth: /^\d{1,6}$/.test(depth) ? Number(depth) : 0,
    role: roleOf(attributeOf(element, 'role')),
  };
}

/** The words of OCF 1.1, and those that they replaced. */
function roleOf(text: string | undefined): AgentActionEntry['role'] {
  const word = text?.toLowerCase();
  if (word === 'promoted' || word === 'master') return 'promoted';
  return word === 'unpromoted' || word === 'slave' ? 'unpromoted' : undefined;
}

const saysYes = (text: string | undefined): boolean => text === '1' || text === 'true';
