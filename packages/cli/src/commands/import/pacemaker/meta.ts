import { childrenOf, descend, type XmlElement } from '@hamn/xml';
import { hasRule, isTrue, pairsOf } from './cib.ts';
import { type Draft, type Given, leaveOut, lookAt } from './draft.ts';
import { timeOf } from './operations.ts';

/** `migration-threshold` and `failure-timeout` of a primitive, or of all, as settings. */
export function carryMeta(primitive: XmlElement, draft: Draft, { defaults }: Given): Record<string, unknown> {
  const own = pairsOf(primitive, 'meta_attributes');
  const settings: Record<string, unknown> = {};
  const threshold = own.get('migration-threshold') ?? defaults.get('migration-threshold');
  if (threshold !== undefined && /^[1-9]\d{0,8}$/.test(threshold)) {
    // The last failure that counts is the one that moves it.
    settings['restarts'] = Math.min(Number(threshold) - 1, 100);
    if (own.has('migration-threshold')) lookAt(draft, primitive, aboutThreshold(threshold));
  }
  const window = timeOf(own.get('failure-timeout') ?? defaults.get('failure-timeout') ?? '');
  if (window !== undefined) settings['restartWindow'] = window;
  for (const pair of descend(primitive, 'meta_attributes', 'nvpair')) {
    const { name = '', value = '' } = pair.attributes;
    const isCarried =
      (name === 'migration-threshold' && 'restarts' in settings) ||
      (name === 'failure-timeout' && 'restartWindow' in settings);
    if (!isCarried) leftOut(pair, name, value, draft);
  }
  return settings;
}

export const aboutThreshold = (threshold: string): string =>
  `migration-threshold=${threshold}: so many failures moved it. What hamn does then is \`onFailure\`: unless you say it, only addresses, the database and storage that one node alone may have are worth the role.`;

function leftOut(pair: XmlElement, name: string, value: string, draft: Draft): void {
  if (name === 'target-role') {
    if (value === 'Stopped') lookAt(draft, pair, 'It was kept stopped. hamn will start it with the role.');
  } else if (name === 'is-managed' || name === 'maintenance') {
    if (isTrue(value) === (name === 'maintenance'))
      lookAt(draft, pair, 'pacemaker let it alone. hamn will start and stop it with the role.');
  } else
    leaveOut(
      draft,
      pair,
      `${name}=${value} is pacemaker’s own; see \`restarts\` and \`onFailure\` in docs/reference/config.md.`,
    );
}

/** What stands in a primitive, a group or a clone and is set elsewhere, or only at times, is not looked up. */
export function leftOutParts(element: XmlElement, known: readonly string[], draft: Draft): void {
  for (const part of element.children) {
    if (!known.includes(part.name)) leaveOut(draft, part, 'hamn’s settings have nothing like it.');
    else if (part.attributes['id-ref'] !== undefined)
      leaveOut(draft, part, `What ${part.attributes['id-ref']} says is not read here.`);
    else if (hasRule(part))
      lookAt(draft, part, 'Its rule is left out: the values are taken as if it always held.');
  }
}

/** `promotable` and `promoted-max` stand for themselves; how many copies there may be follows from the nodes. */
const impliedByClone = [
  'promotable',
  'interleave',
  'ordered',
  'clone-node-max',
  'promoted-node-max',
  'master-node-max',
];

export function leftOutCloneMeta(clone: XmlElement, draft: Draft): void {
  for (const pair of childrenOf(clone, 'meta_attributes').flatMap((set) => childrenOf(set, 'nvpair'))) {
    const { name = '', value = '' } = pair.attributes;
    if (impliedByClone.includes(name)) continue;
    if (name === 'promoted-max' || name === 'master-max') {
      if (value !== '1')
        lookAt(draft, pair, `${name}=${value}: hamn promotes it on one node, the primary, and never on two.`);
    } else if (name === 'clone-max')
      lookAt(draft, pair, `clone-max=${value}: hamn runs it on every node that has data.`);
    else if (name === 'notify' && isTrue(value))
      leaveOut(draft, pair, 'hamn tells agents nothing of what goes on elsewhere.');
    else if (name !== 'notify' && name !== 'globally-unique') leftOut(pair, name, value, draft);
  }
}
