import {
  type Cidr,
  contains,
  familyOf,
  networkOf,
  readCidr,
  roleInNetwork,
  unusableBecause,
} from '../addresses.ts';
import type { ClusterText, NodeText, VipText } from '../cluster-schema.ts';
import { groupNodes } from '../group-nodes.ts';
import type { ConfigPath } from '../issues.ts';
import { type Finding, wrong } from './finding.ts';

/** VIPs against each other and against the nodes. Whether the interface exists only the node itself can see. */
export function checkVips(text: ClusterText): readonly Finding[] {
  const owners = new Map<string, string>();
  const findings: Finding[] = [];
  for (const [group, { vips }] of Object.entries(text.groups)) {
    for (const [index, vip] of vips.entries()) {
      const cidr = readCidr(vip.address);
      if (cidr === undefined) continue;
      const path = ['groups', group, 'vips', index, 'address'];
      const other = owners.get(cidr.address);
      owners.set(cidr.address, group);
      const finding =
        other === undefined
          ? checkVip(text.nodes, groupNodes(text, group), vip, cidr, path)
          : wrong(
              path,
              vip.address,
              `The VIP ${cidr.address} stands here for the second time (first in group ${other}). Remove one.`,
            );
      if (finding !== undefined) findings.push(finding);
    }
  }
  return findings;
}

/** The first thing that is wrong; the others would follow from it. */
function checkVip(
  all: ClusterText['nodes'],
  own: Readonly<Record<string, NodeText>>,
  vip: VipText,
  cidr: Cidr,
  path: ConfigPath,
): Finding | undefined {
  const because = unusableBecause(cidr.address);
  if (because !== undefined)
    return wrong(path, vip.address, `A VIP cannot be ${cidr.address}: it is ${because}.`);
  const role = roleInNetwork(cidr);
  if (role !== 'host')
    return wrong(
      path,
      vip.address,
      `${cidr.address} is the ${role} address of ${networkOf(cidr)}, not a host's. Write the VIP itself, with the prefix length of its network.`,
    );
  const owner = Object.entries(all).find(([, node]) => node.address === cidr.address);
  if (owner !== undefined)
    return wrong(
      path,
      vip.address,
      `${cidr.address} is the address of node ${owner[0]}. A VIP must be an address that no machine owns.`,
    );
  return vip.subnet === undefined
    ? outsideNodes(own, vip, cidr, path)
    : outsideSubnet(vip, vip.subnet, cidr, path);
}

function outsideSubnet(vip: VipText, subnet: string, cidr: Cidr, path: ConfigPath): Finding | undefined {
  const network = readCidr(subnet);
  if (network === undefined || contains(network, cidr.address)) return undefined;
  return wrong(
    path,
    vip.address,
    `The VIP ${cidr.address} is outside its subnet ${networkOf(network)}. Correct the address, its prefix length, or subnet.`,
  );
}

function outsideNodes(
  nodes: Readonly<Record<string, NodeText>>,
  vip: VipText,
  cidr: Cidr,
  path: ConfigPath,
): Finding | undefined {
  const outside = Object.entries(nodes).filter(
    ([, node]) =>
      node.role === 'data' &&
      familyOf(node.address) === familyOf(cidr.address) &&
      !contains(cidr, node.address),
  );
  if (outside.length === 0) return undefined;
  const names = outside.map(([name, node]) => `${name} (${node.address})`).join(' and ');
  return wrong(
    path,
    vip.address,
    `The VIP's network ${networkOf(cidr)} does not contain ${names}. Correct the address or its prefix length; ` +
      'if the VIP belongs to another network of these nodes, say which with `subnet: ADDRESS/LENGTH`.',
  );
}
