import {
  type FenceDevice,
  type FencedNode,
  type FencingSettings,
  instant,
  type NodeId,
  nodeId,
} from '@hamn/core';
import type { ClockPort } from '@hamn/engine';

export const clock: ClockPort = {
  now: () => instant(performance.now()),
  wallMs: () => 0,
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  nonce: () => 'n',
};

export const mn1: NodeId = nodeId('mn1');

export const device = (name: string, agent: string, more: Partial<FenceDevice> = {}): FenceDevice => ({
  name,
  agent,
  options: {},
  timeoutMs: 10_000,
  retries: 0,
  ...more,
});

/** `pdu:3` is a plug. */
export const settings = (
  devices: readonly FenceDevice[],
  levels: readonly (readonly string[])[],
  more: Partial<FencedNode> = {},
): FencingSettings => ({
  mode: 'automatic',
  afterMs: 2250,
  checkEveryMs: 300_000,
  devices,
  nodes: [
    {
      node: mn1,
      action: 'reboot',
      delayMs: 0,
      levels: levels.map((level) =>
        level.map((step) => {
          const [name = '', plug] = step.split(':');
          return { device: name, plug };
        }),
      ),
      ...more,
    },
  ],
});
