import type { FenceDeviceView, FencingSettings, Instant } from '@hamn/core';
import { type DeviceUser, nameOf, type Outlet } from './device/device-user.ts';
import { allOutlets } from './outlets.ts';

/** An agent is a Python program of some 50 MB: a cluster of many nodes must not start all of them at once. */
const atOnce = 4;

/** Asks every device for every node that it serves, some at a time. */
export async function lookAtAll(
  fencing: FencingSettings,
  deadline: Instant,
  users: DeviceUser,
): Promise<readonly FenceDeviceView[]> {
  const outlets = allOutlets(fencing);
  const views = new Map<Outlet, FenceDeviceView>();
  const left = [...outlets];
  const worker = async (): Promise<void> => {
    for (let outlet = left.shift(); outlet !== undefined; outlet = left.shift())
      views.set(outlet, await look(outlet, deadline, users));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return outlets.flatMap((outlet) => views.get(outlet) ?? []);
}

async function look(outlet: Outlet, deadline: Instant, users: DeviceUser): Promise<FenceDeviceView> {
  let power = await users.power(outlet, { purpose: 'look', deadline });
  // The device was needed for something better; it is asked again when that is done.
  while (!power.ok && power.error.code === 'interrupted')
    power = await users.power(outlet, { purpose: 'look', deadline });
  return {
    device: nameOf(outlet),
    node: outlet.target,
    power: power.ok ? power.value : 'unknown',
    reason: power.ok ? undefined : power.error.message,
  };
}
