import { fail, ok, type Result } from '@hamn/core';
import { childrenOf, descend, type XmlElement } from '@hamn/xml';
import { idOf, isTrue, pairsOf, placeOf, readCibXml } from './cib.ts';
import { carryConstraint } from './constraints.ts';
import { type Draft, type Given, leaveOut, lookAt, newDraft, type Wrapping } from './draft.ts';
import { findDevices } from './drbd-devices.ts';
import { aboutThreshold, leftOutCloneMeta, leftOutParts } from './meta.ts';
import { link } from './order.ts';
import { carryPrimitive } from './primitive.ts';

export interface ReadCib {
  /** Names of the nodes, in the order of the CIB. */
  readonly nodes: readonly string[];
  readonly draft: Draft;
}

/** Reads a CIB. Every element that is not carried over is named in the draft. */
export function readCib(
  text: string,
  file: string,
  given: Pick<Given, 'interface'>,
): Result<ReadCib, 'bad-xml'> {
  const root = readCibXml(text, file);
  if (!root.ok) return root;
  const [configuration] =
    root.value.name === 'configuration' ? [root.value] : childrenOf(root.value, 'configuration');
  if (configuration === undefined)
    return fail(
      'bad-xml',
      `${file} is no CIB: <${root.value.name}> has no <configuration>. Export one with \`cibadmin --query\`.`,
    );
  const draft = newDraft();
  const defaults = new Map(
    childrenOf(configuration, 'rsc_defaults').flatMap((part) => [...pairsOf(part, 'meta_attributes')]),
  );
  const constraints = childrenOf(configuration, 'constraints');
  for (const part of configuration.children)
    if (!constraints.includes(part)) readPart(part, draft, { ...given, defaults });
  for (const constraint of constraints.flatMap(({ children }) => children))
    carryConstraint(constraint, draft);
  findDevices(draft);
  const nodes = descend(configuration, 'nodes', 'node').map(({ attributes }) => attributes['uname'] ?? '');
  return ok({ nodes, draft });
}

function readPart(part: XmlElement, draft: Draft, given: Given): void {
  switch (part.name) {
    case 'nodes':
      for (const set of childrenOf(part, 'node').flatMap((node) => node.children))
        leaveOut(draft, set, 'hamn’s nodes have no attributes.');
      return;
    case 'resources':
      for (const resource of part.children) carryResource(resource, alone, draft, given);
      return;
    case 'crm_config':
    case 'rsc_defaults':
    case 'op_defaults':
      for (const pair of part.children.flatMap((set) => childrenOf(set, 'nvpair')))
        leftOutProperty(part.name, pair, draft);
      return;
    default:
      for (const child of part.children)
        leaveOut(draft, child, `hamn’s settings have nothing like ${part.name}.`);
  }
}

const properties: Readonly<Record<string, string>> = {
  'stonith-enabled': 'Without the section `fencing` a silent primary is waited for, and never assumed dead.',
  'no-quorum-policy': 'A node that cannot be sure of the term always stops; nothing can be set.',
  'maintenance-mode': '`hamnctl pause` does that.',
};

function leftOutProperty(section: string, pair: XmlElement, draft: Draft): void {
  const { name = '', value = '' } = pair.attributes;
  if (section === 'rsc_defaults' && name === 'migration-threshold' && /^[1-9]\d*$/.test(value))
    return lookAt(draft, pair, aboutThreshold(value));
  if (section === 'rsc_defaults' && name === 'failure-timeout') return;
  const because = properties[name] ?? 'It is a setting of pacemaker’s own.';
  leaveOut(draft, pair, `${name}=${value} is left out. ${because}`);
}

const alone: Wrapping = { isCloned: false, isPromotable: false };

function carryResource(resource: XmlElement, wrapping: Wrapping, draft: Draft, given: Given): void {
  switch (resource.name) {
    case 'primitive':
      carryPrimitive(resource, wrapping, draft, given);
      if (draft.resources.has(idOf(resource))) draft.members.set(idOf(resource), [idOf(resource)]);
      return;
    case 'group':
      return carryGroup(resource, wrapping, draft, given);
    case 'clone':
    case 'master':
      return carryClone(resource, draft, given);
    default:
      leaveOut(draft, resource, 'hamn’s settings have nothing like it.');
  }
}

/** Each member starts after the one before it. */
function carryGroup(group: XmlElement, wrapping: Wrapping, draft: Draft, given: Given): void {
  const primitives = childrenOf(group, 'primitive');
  for (const part of group.children)
    if (!primitives.includes(part)) leaveOut(draft, part, 'What is set for a whole group is left out.');
  for (const primitive of primitives) carryResource(primitive, wrapping, draft, given);
  const ids = primitives.flatMap((primitive) => draft.members.get(idOf(primitive)) ?? []);
  draft.members.set(idOf(group), ids);
  for (const [index, id] of ids.entries()) {
    const before = ids[index - 1];
    if (before !== undefined)
      link(before, id, draft, (because) => draft.notCarried.push({ place: placeOf(group), because }));
  }
}

function carryClone(clone: XmlElement, draft: Draft, given: Given): void {
  const meta = pairsOf(clone, 'meta_attributes');
  if (isTrue(meta.get('globally-unique')))
    return leaveOut(draft, clone, 'Copies that differ from each other (globally-unique) are none of hamn’s.');
  leftOutParts(clone, ['meta_attributes', 'primitive', 'group'], draft);
  leftOutCloneMeta(clone, draft);
  const wrapping = {
    isCloned: true,
    isPromotable: clone.name === 'master' || isTrue(meta.get('promotable')),
  };
  const inner = childrenOf(clone, 'primitive', 'group');
  for (const resource of inner) carryResource(resource, wrapping, draft, given);
  draft.members.set(
    idOf(clone),
    inner.flatMap((resource) => draft.members.get(idOf(resource)) ?? []),
  );
}
