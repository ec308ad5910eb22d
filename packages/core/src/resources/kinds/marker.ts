import { limits, monitor, type ResourceTraits, seconds, serviceTraits } from './traits.ts';

/**
 * Two files of which every node has exactly one, by which other programs tell what the node is: `onPrimary` where the role is, `elsewhere` on all
 * others. xCAT: /etc/xCATMN and /etc/xCATSN.
 */
export interface MarkerResource {
  readonly kind: 'marker';
  readonly onPrimary: string;
  readonly elsewhere: string;
}

/** What serves on the primary starts after it, for it reads the file. A wrong one misleads, but does no harm by itself: nothing waits for it for ever. */
export const markerTraits = (_: MarkerResource): ResourceTraits => ({
  ...serviceTraits,
  layer: 'storage',
  defaults: {
    limits: limits({ startMs: seconds(5), stopMs: seconds(5), promoteMs: seconds(5), demoteMs: seconds(5) }),
    monitor: monitor({ confirm: 1 }),
  },
  promotable: true,
  demotable: true,
  escalation: ['report'],
});
