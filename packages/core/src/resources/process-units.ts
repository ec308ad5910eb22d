import { unitsOf } from './kinds/unit.ts';
import type { ResourceSettings } from './resource.ts';

/**
 * The systemd units whose control groups hold the resource's processes: its own unit, or those that hamn makes for its programs. The guard kills
 * these when hamnd cannot. Empty for what has none. Of what lives in
 * the kernel they are the programs that set it up (`mount`, `drbdadm`). `-act` runs what ends by itself (monitor, promote), so that it never
 * ends up in the group that it stops.
 */
export function processUnits(
  group: string,
  { name, what }: Pick<ResourceSettings, 'name' | 'what'>,
): readonly string[] {
  switch (what.kind) {
    case 'unit':
      return unitsOf(what);
    case 'job':
    case 'exec':
    case 'ocf':
    case 'mount':
    case 'drbd':
    // The program that tells of the change.
    case 'template':
    // Its sender: what receives runs where the role is not, in a unit of its own.
    case 'sync':
      return [`hamn-res-${group}-${name}.service`, `hamn-res-${group}-${name}-act.service`];
    case 'link':
    case 'marker':
    case 'vip':
    case 'postgres':
      return [];
  }
}
