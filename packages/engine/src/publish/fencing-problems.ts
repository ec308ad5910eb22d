import type { Entry, Facts, FenceDeviceView, MemberValue, NodeId, PortReadings } from '@hamn/core';

/** What an admin must see to before the next fence, or because the last one failed. */
export function fencingProblems({ seen, leader, group }: Facts): readonly string[] {
  const { fenceDevices, heardBeforeFenceDevices } = seen.ports;
  const devices = fenceDevices.known ? fenceDevices.value : [];
  const problems = [...deviceProblems(devices, heardBeforeFenceDevices, group?.members)];
  const last = seen.finished.get('fence');
  const silentMs = seen.term.seen?.silentMs ?? 0;
  // A try that failed stays a problem while its target is silent.
  if (last !== undefined && !last.ok && leader !== undefined && silentMs > leader.termMs)
    problems.push(last.message);
  return problems;
}

/** Who gives signs of life now, by its own word in etcd. */
export type HeardMembers = ReadonlyMap<NodeId, Entry<Pick<MemberValue, 'bootId'>>>;

export function deviceProblems(
  devices: readonly FenceDeviceView[],
  heardBefore: PortReadings['heardBeforeFenceDevices'],
  members: HeardMembers | undefined,
): readonly string[] {
  return devices.flatMap(({ device, node, power, reason }) => {
    if (power === 'unknown')
      return `The fencing device ${device} of ${node} cannot be used: ${reason ?? 'no reason was given.'}`;
    if (power === 'off' && ranMeanwhile(node, heardBefore, members))
      return `The fencing device ${device} says that ${node} is off, but ${node} runs. It may be wired to another plug: a fence through it would be believed. Correct its settings; hamnctl fence --list shows what each device says.`;
    return [];
  });
}

/**
 * A device's word may be minutes old, and its node switched on since. But a boot that was heard of before the devices were asked, and gave a
 * sign afterwards, was running when they answered.
 */
function ranMeanwhile(
  node: NodeId,
  heardBefore: PortReadings['heardBeforeFenceDevices'],
  members: HeardMembers | undefined,
): boolean {
  const before = heardBefore?.get(node);
  const entry = members?.get(node);
  if (before === undefined || entry?.kind !== 'present') return false;
  return entry.value.bootId === before.bootId && entry.mod > before.mod;
}
