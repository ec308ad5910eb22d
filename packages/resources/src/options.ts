import type { ClockPort, JournalPort, TransientPort, UnitPort } from '@hamn/engine';
import type { XcatdOptions } from '@hamn/xcatd';
import type { KindAdapter } from './kind-adapter.ts';

export interface ResourcesOptions {
  /** The group's name: part of the names of the units that programs run in. */
  readonly group: string;
  /** This node's name, for agents. */
  readonly node: string;
  /** Where the output of programs is kept, on a file system that a reboot empties. Default: /run/hamn/resources. */
  readonly directory?: string | undefined;
  /** Of the kind `sync`; without it such a resource is `unusable`. */
  readonly sync?: KindAdapter | undefined;
  /** The host's mounts as the kernel lists them. Default: /proc/1/mountinfo, since hamnd has a mount namespace of its own. */
  readonly mountTable?: string | undefined;
  /**
   * `mount`, `umount` and `drbdadm` run as children of this process behind this beginning of a command line, and not in units. For tests, and for a
   * process that may mount: hamnd.service may not. Default: units.
   */
  readonly launcher?: readonly string[] | undefined;
  /** Where DRBD's kernel module tells of itself. Default: /proc/drbd. */
  readonly drbdState?: string | undefined;
  /** Where programs of the system are looked for, in this order. Default: /usr/sbin, /usr/bin, /sbin, /bin. */
  readonly programFolders?: readonly string[] | undefined;
  /** How xcatd is asked. Default: port 3001, with root's client credential. */
  readonly xcatd?: XcatdOptions | undefined;
  /** OCF_ROOT. Default: /usr/lib/ocf. */
  readonly ocfRoot?: string | undefined;
  /** HA_RSCTMP. Default: /run/resource-agents. */
  readonly ocfTemporary?: string | undefined;
}

export interface ResourcesDeps {
  readonly clock: ClockPort;
  readonly journal: JournalPort;
  readonly units: UnitPort & TransientPort;
}
