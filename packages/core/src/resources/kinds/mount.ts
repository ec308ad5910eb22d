import { limits, monitor, type ResourceTraits, seconds, storageTraits } from './traits.ts';

/** A file system: NFS, or one of a local, shared or mirrored block device. */
export interface MountResource {
  readonly kind: 'mount';
  /** `nas:/install`, `/dev/drbd0` or `UUID=...`. */
  readonly source: string;
  readonly target: string;
  /** `nfs`, `nfs4`, `ext4`, `xfs` ... */
  readonly type: string;
  readonly options: readonly string[];
}

const networkTypes: ReadonlySet<string> = new Set([
  'nfs',
  'nfs4',
  'cifs',
  'smb3',
  'ceph',
  'glusterfs',
  'fuse.glusterfs',
]);
// Made for several nodes at one time.
const clusterTypes: ReadonlySet<string> = new Set(['gfs2', 'ocfs2', 'gpfs', 'lustre', 'beegfs']);
const bindTypes: ReadonlySet<string> = new Set(['none', 'bind', 'tmpfs', 'overlay']);

/** Several nodes may have it mounted at one time. */
export const isSharable = (type: string): boolean =>
  networkTypes.has(type) || clusterTypes.has(type) || bindTypes.has(type);

/** What one node writes all others see, too. */
export const isSeenByAll = (type: string): boolean => networkTypes.has(type) || clusterTypes.has(type);

/** Its clients wait in the kernel for a server that is away. */
const hasServer = (type: string): boolean => networkTypes.has(type);

/** A busy file system is freed by killing who holds it; one that two nodes must not mount then needs the guard. */
export function mountTraits(mount: MountResource): ResourceTraits {
  const isShared = isSharable(mount.type);
  return {
    ...storageTraits,
    defaults: {
      limits: limits({ startMs: seconds(30), stopMs: seconds(20), monitorMs: seconds(5) }),
      // A server of files that is slow for once is no reason to unmount under everybody.
      monitor: monitor({ depth: 'deep', confirm: 3 }),
    },
    outlastsSilence: hasServer(mount.type),
    escalation: isShared ? ['kill', 'report'] : ['kill', 'self-fence'],
    destroyedByTwo: isShared
      ? undefined
      : `two nodes that mount ${mount.source} (${mount.type}) at one time destroy the file system`,
  };
}
