import { limits, monitor, type ResourceTraits, seconds, storageTraits } from './traits.ts';

/** A DRBD resource: up on every node, primary where the role is. */
export interface DrbdResource {
  readonly kind: 'drbd';
  /** Its name in /etc/drbd.d. */
  readonly resource: string;
  /** `/dev/drbd0`: mounts of it wait for the promotion. */
  readonly device: string;
}

export const drbdTraits = ({ resource }: DrbdResource): ResourceTraits => ({
  ...storageTraits,
  defaults: {
    limits: limits({ startMs: seconds(60), stopMs: seconds(30), promoteMs: seconds(30) }),
    monitor: monitor({ intervalMs: seconds(5) }),
  },
  promotable: true,
  demotable: true,
  // Who holds the device is killed; a device that stays open on a node without the role is a second primary.
  escalation: ['kill', 'self-fence'],
  destroyedByTwo: `two nodes that promote the DRBD resource ${resource} while they do not see each other make two data sets (split-brain), of which one is lost`,
});
