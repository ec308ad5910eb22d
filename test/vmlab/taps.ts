import { type Layout, portOf } from '../lab/layout.ts';
import { batch } from '../lab/network.ts';
import { run } from '../lab/run.ts';
import { CONTROL_ADDRESS, CONTROL_BRIDGE, controlOf } from './vm-layout.ts';

/**
 * The machines' cables: tap devices in the switch's namespace. The one on the segment bears the name of the switch's port, so that the
 * lab's own ways to isolate and heal a machine work on it.
 */
export async function makeControlNetwork(layout: Layout): Promise<void> {
  const there = await run(['ip', '-n', layout.switchNetns, 'link', 'show', CONTROL_BRIDGE]);
  if (there.code === 0) return;
  await batch(layout.switchNetns, [
    `link add ${CONTROL_BRIDGE} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
    `address add ${CONTROL_ADDRESS} dev ${CONTROL_BRIDGE}`,
    `link set ${CONTROL_BRIDGE} up`,
  ]);
}

export async function plugTaps(layout: Layout, node: string): Promise<void> {
  await unplugTaps(layout, node);
  const control = controlOf(node).tap;
  await batch(layout.switchNetns, [
    `tuntap add dev ${portOf(node)} mode tap`,
    `link set ${portOf(node)} master br0 up`,
    `tuntap add dev ${control} mode tap`,
    `link set ${control} master ${CONTROL_BRIDGE} up`,
  ]);
}

/** What is not there is not missed. */
export async function unplugTaps(layout: Layout, node: string): Promise<void> {
  for (const tap of [portOf(node), controlOf(node).tap])
    await run(['ip', '-n', layout.switchNetns, 'link', 'delete', tap]);
}
