import type { XmlElement } from '@hamn/xml';
import { pairsOf } from '../cib.ts';
import { type Draft, type Given, leaveOut, lookAt } from '../draft.ts';
import { leftOutPairs, type Settings } from './parameters.ts';

/** `IPaddr2` and its kin -> one of `vips`. */
export function address(primitive: XmlElement, draft: Draft, given: Given): Settings {
  const pairs = pairsOf(primitive, 'instance_attributes');
  const ip = pairs.get('ip') ?? pairs.get('ipv6addr');
  const mask = pairs.get('cidr_netmask') ?? pairs.get('netmask');
  const prefix = mask === undefined ? undefined : prefixOf(mask);
  const nic = pairs.get('nic') ?? given.interface;
  const lacks = [
    ...(ip === undefined ? ['it has no `ip`'] : []),
    ...(prefix === undefined ? ['its prefix length (`cidr_netmask`) is not in the CIB'] : []),
    ...(nic === undefined ? ['its interface (`nic`) is not in the CIB: say --interface'] : []),
  ];
  if (lacks.length > 0) {
    leaveOut(draft, primitive, `The address is left out: ${lacks.join('; ')}.`);
    return undefined;
  }
  if (!pairs.has('nic'))
    lookAt(draft, primitive, `Its interface is not in the CIB; ${nic} is from --interface.`);
  leftOutPairs(
    primitive,
    ['ip', 'ipv6addr', 'cidr_netmask', 'netmask', 'nic'],
    draft,
    'hamn’s addresses have no such setting',
  );
  return { address: `${ip}/${prefix}`, interface: nic };
}

/** `24`, or `255.255.255.0`. */
function prefixOf(mask: string): number | undefined {
  if (/^\d{1,3}$/.test(mask)) return Number(mask);
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(mask)) return undefined;
  const bits = mask.split('.').map((part) => Number(part).toString(2).padStart(8, '0'));
  return /^(1*)0*$/.exec(bits.join(''))?.[1]?.length;
}
