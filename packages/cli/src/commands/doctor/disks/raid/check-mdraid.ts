import { broken, doubtful, type Finding, well } from '../../finding.ts';
import type { DiskPatient } from '../patient.ts';
import { type MdArray, type MdSync, parseDetail, parseMdstat } from './mdstat.ts';

const half = 'Carried now, the disks are the only copy that there is: one more fault, and the data is gone.';

/** Software RAID. Undefined: this machine has none. */
export async function checkMdraid(patient: DiskPatient): Promise<readonly Finding[] | undefined> {
  const text = await patient.read('/proc/mdstat');
  if (text === undefined) return undefined;
  const arrays = parseMdstat(text);
  if (arrays === undefined)
    return [
      doubtful(
        '/proc/mdstat could not be read: it does not look as expected.',
        'Whether the software RAIDs are whole is not known.',
        'cat /proc/mdstat',
      ),
    ];
  if (arrays.length === 0) return undefined;
  return (await Promise.all(arrays.map((array) => judge(array, patient)))).flat();
}

async function judge(array: MdArray, patient: DiskPatient): Promise<readonly Finding[]> {
  const { name, state, level, sync } = array;
  if (array.isContainer) return [];
  const device = `/dev/${name}`;
  if (state !== 'active')
    return [
      broken(
        `The software RAID ${device} is ${state}.`,
        'What lies on it is not there.',
        `mdadm --detail ${device}; mdadm --assemble --scan`,
      ),
    ];
  const isDegraded = (array.wanted ?? 0) > (array.working ?? 0) || array.failed.length > 0;
  if (isDegraded) return [await degraded(array, device, patient)];
  if (sync !== undefined && sync.what !== 'check')
    return [
      doubtful(
        `The software RAID ${device} (${level}) ${progress(sync)}.`,
        'Until that has ended its copies may differ.',
        `Wait for its end: cat /proc/mdstat`,
      ),
    ];
  if (level === 'raid0' || level === 'linear')
    return [
      doubtful(
        `The software RAID ${device} (${level}) has no copies.`,
        'One dead disk is the end of its data.',
        'Keep the data of this node on a mirror (raid1, raid10).',
      ),
    ];
  return [well(`The software RAID ${device} (${level}) is whole.`)];
}

async function degraded(array: MdArray, device: string, patient: DiskPatient): Promise<Finding> {
  const { stdout } = await patient.run('mdadm', ['--detail', device], { timeoutMs: 5000 });
  const detail = parseDetail(stdout);
  const gone = [...new Set([...array.failed.map((member) => `/dev/${member}`), ...detail.gone])];
  const name = detail.name === undefined ? '' : ` "${detail.name}"`;
  const lacks = gone.length === 0 ? '' : `; gone: ${gone.join(', ')}`;
  const rebuilt = array.sync === undefined ? '' : `, and ${progress(array.sync)}`;
  const count = `${array.working ?? '?'} of ${array.wanted ?? '?'} members work`;
  return broken(
    `The software RAID ${device}${name} (${array.level}) is degraded: ${count}${lacks}${rebuilt}.`,
    half,
    array.sync === undefined
      ? `Replace the disk, give it the same partitions, then: mdadm ${device} --add /dev/NEW`
      : 'Wait for its end: cat /proc/mdstat',
  );
}

const progress = ({ what, percent }: MdSync): string =>
  `${what === 'reshape' ? 'is reshaped' : what === 'recovery' ? 'is rebuilt' : 'is synchronised'} (${percent === undefined ? 'it waits for another array' : `${percent} %`})`;
