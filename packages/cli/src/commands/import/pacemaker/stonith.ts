import type { XmlElement } from '@hamn/xml';
import { isSecret, operationsOf, pairsOf } from './cib.ts';
import { type Draft, leaveOut, lookAt } from './draft.ts';

/** hamn says these itself. */
const own = ['action', 'option', 'delay', 'verbose', 'verbose_level', 'debug', 'debug_file'];

/** A fence device and the nodes that it switches. */
export function fenceDevice(primitive: XmlElement, draft: Draft): void {
  const { id = '', type = '' } = primitive.attributes;
  const left = (because: string): void => leaveOut(draft, primitive, because);
  if (!/^fence_[a-z0-9_]+$/.test(type))
    return left(`hamn uses fence agents (fence_…), not ${type}; most devices have one.`);
  const options: Record<string, string | { file: string }> = {};
  const pairs = pairsOf(primitive, 'instance_attributes');
  for (const [name, value] of pairs) {
    const plain = name.toLowerCase().replaceAll('-', '_');
    if (['pcmk_host_list', 'pcmk_host_map', 'port', 'plug'].includes(plain)) continue;
    if (plain.startsWith('pcmk_')) left(`${name}=${value} is pacemaker’s own.`);
    else if (own.includes(plain)) left(`${name} is left out: hamn says it itself.`);
    else if (isSecret(plain)) {
      options[name] = { file: `/etc/hamn/secrets/${id}-${plain}` };
      lookAt(
        draft,
        primitive,
        `${name} is a secret: write it into /etc/hamn/secrets/${id}-${plain} on every node, owner root, mode 600.`,
      );
    } else options[name] = value;
  }
  for (const operation of operationsOf(primitive))
    leaveOut(draft, operation, 'How often devices are asked is `fencing.checkEvery`.');
  const targets = targetsOf(pairs);
  if (/[:=][^;\s]*,/.test(pairs.get('pcmk_host_map') ?? ''))
    return left(
      'A node with several plugs (pcmk_host_map) needs one step for each plug in its level: write the device by hand.',
    );
  if (targets.size === 0)
    return left(
      'Which nodes it switches is not in the CIB (pcmk_host_list, pcmk_host_map), so it is left out.',
    );
  draft.fencing.devices[id] = { agent: type, options };
  for (const [node, plug] of targets) {
    const before = draft.fencing.nodes[node] ?? [];
    draft.fencing.nodes[node] = [...before, plug === undefined ? id : { device: id, plug }];
  }
}

function targetsOf(pairs: ReadonlyMap<string, string>): ReadonlyMap<string, string | undefined> {
  const map = pairs.get('pcmk_host_map') ?? '';
  const mapped = map.split(/[;\s]+/).flatMap((part) => {
    const [node = '', plug = ''] = part.split(/[:=]/);
    return node === '' || plug === '' ? [] : [[node, plug.split(',')[0]] as const];
  });
  const listed = (pairs.get('pcmk_host_list') ?? '').split(/[\s,;]+/).filter(Boolean);
  const plug = pairs.get('port') ?? pairs.get('plug');
  return new Map<string, string | undefined>([...listed.map((node) => [node, plug] as const), ...mapped]);
}
