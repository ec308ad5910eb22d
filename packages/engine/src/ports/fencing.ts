import type { FenceDeviceView, FencingSettings, NodeId, Result } from '@hamn/core';

/**
 * `not-configured`: no level of devices for this node. `unwanted`: the reason went away before anything was fired. `timeout`: an agent did not
 * end in time, so the node may go off yet. `failed`: what the agents said. None of them is a success.
 */
export type FencingFailure = 'not-configured' | 'unwanted' | 'timeout' | 'failed';

export interface FenceOrder {
  readonly target: NodeId;
  readonly fencing: FencingSettings;
  /** Asked immediately before each device is fired, with nothing awaited in between: false ends the order with `unwanted`. */
  readonly stillWanted: () => boolean;
}

/** The devices that switch other nodes off. No call throws; each ends within its limit. */
export interface FencingPort {
  /** Switches the node off and looks that it is: ok is said only after the device's own `status` said off. The text says which device, how. */
  off(order: FenceOrder, limitMs: number): Promise<Result<string, FencingFailure>>;
  /** Switches a fenced node on again. */
  on(order: Omit<FenceOrder, 'stillWanted'>, limitMs: number): Promise<Result<string, FencingFailure>>;
  /** What each device says of each node's power now; a device that cannot be asked is `unknown` with its reason. */
  status(fencing: FencingSettings, limitMs: number): Promise<readonly FenceDeviceView[]>;
}
