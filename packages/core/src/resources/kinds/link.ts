import { limits, monitor, type ResourceTraits, seconds, storageTraits } from './traits.ts';

/** A symbolic link into the shared copy, such as /etc/xcat; what was there before is restored at the stop. */
export interface LinkResource {
  readonly kind: 'link';
  readonly path: string;
  readonly to: string;
}

/** A link that is left over points to what is not mounted: it does no harm. */
export const linkTraits = (_: LinkResource): ResourceTraits => ({
  ...storageTraits,
  defaults: {
    limits: limits({ startMs: seconds(5), stopMs: seconds(5) }),
    monitor: monitor({ intervalMs: seconds(30), confirm: 1 }),
  },
  carries: false,
  escalation: ['report'],
});
