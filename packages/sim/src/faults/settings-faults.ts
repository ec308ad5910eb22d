import { type GroupSettings, leastMarginMs, nodeId, profiles, type ReplicationMode } from '@hamn/core';
import { settingsOf } from '../run/settings.ts';
import type { Begin, FaultContext, FaultKind } from './fault.ts';

/** Settings that are changed under way, and changed back at the end. Each node hears of both in its own time. */
const changing =
  (
    change: (settings: GroupSettings, context: FaultContext) => GroupSettings,
    back: (settings: GroupSettings, initial: GroupSettings) => GroupSettings,
  ): Begin =>
  (context) => {
    const { configuration, scenario } = context.world;
    configuration.apply(change(configuration.current, context));
    return () => configuration.apply(back(configuration.current, settingsOf(scenario)));
  };

const withMode = (settings: GroupSettings, from: GroupSettings['postgres']): GroupSettings =>
  settings.postgres === undefined || from === undefined
    ? settings
    : { ...settings, postgres: { ...settings.postgres, mode: from.mode } };

const otherMode = changing(
  (settings, { random }) => {
    const { postgres, nodes } = settings;
    if (postgres === undefined) return settings;
    const isLarge = nodes.filter(({ role }) => role === 'data').length > 2;
    const mode = random.pick<ReplicationMode>([
      'asynchronous',
      'synchronous',
      'strict',
      ...(isLarge ? (['quorum'] as const) : []),
    ]);
    return withMode(settings, { ...postgres, mode });
  },
  (settings, initial) => withMode(settings, initial.postgres),
);

const otherTimings = changing(
  (settings, { world }) => {
    const other = profiles[world.scenario.profile === 'fast' ? 'default' : 'fast'];
    return { ...settings, timings: { ...other, marginMs: leastMarginMs(other.termMs) } };
  },
  (settings, { timings }) => ({ ...settings, timings }),
);

const otherPriorities = changing(
  (settings, { random }) => ({
    ...settings,
    nodes: settings.nodes.map((node) => ({ ...node, priority: random.pick([0, 50, 100, 200]) })),
  }),
  (settings, { nodes }) => ({ ...settings, nodes }),
);

/** A node is set to receive from another standby, or from the primary as the others do. */
const otherUpstream: Begin = (context) => {
  const { world, node, random } = context;
  const others = world.dataMachines.filter((machine) => machine !== node);
  const from = random.pick([undefined, others[0], others[1]]);
  if (others.length < 2) return undefined;
  return changing(
    (settings) => ({
      ...settings,
      nodes: settings.nodes.map(({ replicatefrom: _, ...its }) =>
        its.name === node.name && from !== undefined ? { ...its, replicatefrom: nodeId(from.name) } : its,
      ),
    }),
    (settings, { nodes }) => ({ ...settings, nodes }),
  )(context);
};

const manual = changing(
  (settings) => ({ ...settings, failover: 'manual' }),
  (settings, { failover }) => ({ ...settings, failover }),
);

const changed = { touches: 'none', ends: 'any' } as const;

export const settingsFaults: readonly FaultKind[] = [
  { name: 'other mode', weight: 4, ...changed, begin: otherMode },
  { name: 'other timings', weight: 4, ...changed, begin: otherTimings },
  { name: 'other priorities', weight: 3, ...changed, begin: otherPriorities },
  { name: 'other upstream', weight: 3, ...changed, onlyData: true, begin: otherUpstream },
  { name: 'manual failover', weight: 3, ...changed, begin: manual },
];
