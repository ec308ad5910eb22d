import type { XmlElement } from '@hamn/xml';
import { idOf, placeOf } from './cib.ts';
import {
  type Draft,
  type DraftKind,
  type DraftResource,
  type Given,
  leaveOut,
  type Wrapping,
} from './draft.ts';
import { address } from './kinds/address.ts';
import { database } from './kinds/database.ts';
import type { Settings } from './kinds/parameters.ts';
import { agent, unit } from './kinds/program.ts';
import { drbd, link, mount } from './kinds/storage.ts';
import { carryMeta, leftOutParts } from './meta.ts';
import { carryOperations } from './operations.ts';
import { fenceDevice } from './stonith.ts';

/** One primitive becomes one resource, or a fencing device, or is told in the lists. */
export function carryPrimitive(primitive: XmlElement, wrapping: Wrapping, draft: Draft, given: Given): void {
  const { class: kind = '', template } = primitive.attributes;
  leftOutParts(primitive, ['instance_attributes', 'meta_attributes', 'operations'], draft);
  if (template !== undefined)
    return leaveOut(draft, primitive, `What the template ${template} says is not read, so it is left out.`);
  if (kind === 'stonith') return fenceDevice(primitive, draft);
  const resource = resourceOf(primitive, wrapping, draft, given);
  if (resource !== undefined) draft.resources.set(idOf(primitive), resource);
}

function resourceOf(
  primitive: XmlElement,
  wrapping: Wrapping,
  draft: Draft,
  given: Given,
): DraftResource | undefined {
  const { class: kind = '', provider = '', type = '' } = primitive.attributes;
  const { isCloned, isPromotable } = wrapping;
  const whole = (what: DraftKind, settings: Settings): DraftResource | undefined =>
    settings === undefined
      ? undefined
      : {
          kind: what,
          place: placeOf(primitive),
          settings: {
            ...settings,
            ...carryOperations(primitive, what, isPromotable, draft),
            ...carryMeta(primitive, draft, given),
          },
          runsOnAll: isCloned,
          after: new Set(),
        };
  if (kind === 'systemd' || kind === 'service' || kind === 'lsb')
    return whole('unit', unit(primitive, draft));
  if (kind !== 'ocf') {
    leaveOut(draft, primitive, `hamn has nothing for the class '${kind}'.`);
    return undefined;
  }
  // Its agents set attributes of nodes, which only rules of pacemaker read, or look after pacemaker itself.
  if (provider === 'pacemaker') {
    leaveOut(draft, primitive, `ocf:pacemaker:${type} serves pacemaker itself.`);
    return undefined;
  }
  switch (type) {
    case 'IPaddr':
    case 'IPaddr2':
    case 'IPv6addr':
      if (!isCloned) return whole('vip', address(primitive, draft, given));
      leaveOut(draft, primitive, 'An address that several nodes have at one time is none of hamn’s.');
      return undefined;
    case 'pgsql':
      return whole('postgres', database(primitive, draft));
    case 'Filesystem':
      return whole('mount', mount(primitive, draft));
    case 'drbd':
      return whole('drbd', drbd(primitive, draft));
    case 'symlink':
      return whole('link', link(primitive, draft));
    default:
      return whole('ocf', agent(primitive, isPromotable, draft));
  }
}
