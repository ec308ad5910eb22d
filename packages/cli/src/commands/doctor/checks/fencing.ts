import type { FenceTarget, OutletStatus } from '@hamn/api';
import { nodeId } from '@hamn/core';
import { hamndSource } from '../../../connect/hamnd-source.ts';
import { broken, doubtful, type Finding, well } from '../finding.ts';
import type { Patient } from '../patient.ts';

/** Each device is asked by this node's hamnd, which would use it: the agent, its options, the secrets and the way to the device are all tried. */
export async function checkFencing({
  settings,
  socket,
  group,
  view,
  file,
}: Patient): Promise<readonly Finding[]> {
  if (settings?.fencing === undefined) return [];
  const looked = await hamndSource(socket, group).fenceLook({});
  if (!looked.ok)
    return [
      doubtful(
        `The fencing devices were not tried: ${looked.error.message}`,
        'Whether this node could fence another one is not known.',
        'hamnctl fence --list, once hamnd answers.',
      ),
    ];
  const isAlive = (node: string): boolean => node === file.node || view?.members.has(nodeId(node)) === true;
  return looked.value.nodes.flatMap((target) =>
    target.outlets.map((outlet) => judge(target, outlet, isAlive(target.node))),
  );
}

function judge({ node }: FenceTarget, { outlet, power, reason }: OutletStatus, isAlive: boolean): Finding {
  if (power === 'unknown')
    return broken(
      `The fencing device ${outlet} of ${node} cannot be used from here: ${reason ?? 'no reason was given.'}`,
      `This node could not make sure that ${node} is off.`,
      `Mend it, then: hamnctl fence ${node} --list`,
    );
  if (power === 'off' && isAlive)
    return broken(
      `The fencing device ${outlet} says that ${node} is off, but ${node} runs.`,
      'It switches another machine: a fence would be believed while the primary still writes.',
      `Correct address or plug of ${outlet} in the settings (hamnctl config apply).`,
    );
  return well(`The fencing device ${outlet} says that ${node} is ${power}.`);
}
