import type { XmlElement } from '@hamn/xml';
import { pairsOf } from '../cib.ts';
import { type Draft, leaveOut, lookAt } from '../draft.ts';
import { leftOutPairs, type Settings } from './parameters.ts';

const isPath = (text: string | undefined): text is string => text?.startsWith('/') === true;

/** `Filesystem` -> mount. */
export function mount(primitive: XmlElement, draft: Draft): Settings {
  const pairs = pairsOf(primitive, 'instance_attributes');
  const device = pairs.get('device');
  const target = pairs.get('directory')?.replace(/(?<=.)\/$/, '');
  const type = pairs.get('fstype');
  const lacks = [
    ...(device === undefined ? ['device'] : []),
    ...(isPath(target) ? [] : ['directory']),
    ...(type === undefined ? ['fstype'] : []),
  ];
  if (device === undefined || lacks.length > 0) {
    leaveOut(draft, primitive, `The mount is left out: the CIB does not say its ${lacks.join(' and ')}.`);
    return undefined;
  }
  leftOutPairs(
    primitive,
    ['device', 'directory', 'fstype', 'options'],
    draft,
    'hamn mounts, looks and frees a busy file system in its own way',
  );
  const options = (pairs.get('options') ?? '').split(',').filter((option) => option.trim() !== '');
  return { source: sourceOf(device), target, type, ...(options.length === 0 ? {} : { options }) };
}

/** The agent takes what mount(8) takes: `-U UUID` and `-L LABEL`, too. */
function sourceOf(device: string): string {
  const [, flag, value] = /^-([UL])\s*(\S+)$/.exec(device) ?? [];
  return flag === undefined ? device : `${flag === 'U' ? 'UUID' : 'LABEL'}=${value}`;
}

/** `ocf:linbit:drbd` -> drbd. Its device is not in a CIB: see drbd-devices.ts. */
export function drbd(primitive: XmlElement, draft: Draft): Settings {
  const resource = pairsOf(primitive, 'instance_attributes').get('drbd_resource');
  if (resource === undefined) {
    leaveOut(draft, primitive, 'The DRBD device is left out: the CIB does not say its drbd_resource.');
    return undefined;
  }
  leftOutPairs(primitive, ['drbd_resource'], draft, 'hamn works with drbdadm and its usual configuration');
  return { resource };
}

/** `symlink` -> link. */
export function link(primitive: XmlElement, draft: Draft): Settings {
  const pairs = pairsOf(primitive, 'instance_attributes');
  const path = pairs.get('link');
  const to = pairs.get('target');
  if (!isPath(path) || !isPath(to)) {
    leaveOut(draft, primitive, 'The link is left out: `link` and `target` must both be absolute paths.');
    return undefined;
  }
  if (pairs.has('backup_suffix'))
    lookAt(draft, primitive, 'See what hamn does with a file that stands where the link belongs.');
  leftOutPairs(primitive, ['link', 'target'], draft, 'hamn’s links have no such setting');
  return { path, to };
}
