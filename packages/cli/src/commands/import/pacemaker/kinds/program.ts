import type { XmlElement } from '@hamn/xml';
import { isSecret, pairsOf } from '../cib.ts';
import { type Draft, leaveOut, lookAt } from '../draft.ts';
import { leftOutPairs } from './parameters.ts';

/** A unit of systemd, or what becomes one: scripts of init do. */
export function unit(primitive: XmlElement, draft: Draft): Record<string, unknown> {
  const { class: kind, type = '' } = primitive.attributes;
  const name = /\.(service|socket|target|timer|path)$/.test(type) ? type : `${type}.service`;
  if (kind !== 'systemd')
    lookAt(
      draft,
      primitive,
      `It is of class ${kind}; hamn will run the systemd unit ${name}: see that there is one (systemctl cat ${name}).`,
    );
  leftOutPairs(primitive, [], draft, 'a systemd unit takes no parameters');
  return { unit: name };
}

/** What comes after them works on them. */
const carriers = ['LVM', 'LVM-activate', 'ZFS', 'Raid1', 'mdraid', 'iscsi'];
/** Two nodes that have it at one time destroy it. */
const exclusive = ['LVM', 'LVM-activate', 'ZFS', 'Raid1', 'mdraid'];

/** Any other agent, with its parameters. */
export function agent(primitive: XmlElement, isPromotable: boolean, draft: Draft): Record<string, unknown> {
  const { provider = 'heartbeat', type = '' } = primitive.attributes;
  const pairs = [...pairsOf(primitive, 'instance_attributes')];
  for (const [name] of pairs.filter(([option]) => isSecret(option)))
    leaveOut(
      draft,
      primitive,
      `${name} is a secret, and whoever reads etcd reads the settings: write it below \`parameters\` by hand if that is all right.`,
    );
  if (exclusive.includes(type))
    lookAt(
      draft,
      primitive,
      'hamn takes it as storage that one node alone may have. If all nodes use it at one time, remove `exclusive`.',
    );
  const parameters = Object.fromEntries(pairs.filter(([option]) => !isSecret(option)));
  return {
    agent: `ocf:${provider}:${type}`,
    ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
    ...(isPromotable ? { promotable: true } : {}),
    ...(carriers.includes(type) ? { carries: true } : {}),
    ...(exclusive.includes(type) ? { exclusive: true } : {}),
  };
}
