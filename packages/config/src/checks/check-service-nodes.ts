import type { ClusterText, GroupText } from '../cluster-schema.ts';
import { groupNodes } from '../group-nodes.ts';
import { kindsOf, type ServiceNodesText } from '../service-nodes-schema.ts';
import { doubtful, type Finding, onKey, wrong } from './finding.ts';

/** Service nodes against each other, the probes' figures and the cluster's nodes. */
export function checkServiceNodes(
  cluster: ClusterText,
  group: string,
  { serviceNodes: text }: GroupText,
): readonly Finding[] {
  if (text === undefined) return [];
  // A service node may be a node of another group: of the one that keeps its NFS server alive.
  const nodes = groupNodes(cluster, group);
  const path = ['groups', group, 'serviceNodes'];
  const addresses = new Map(Object.entries(nodes).map(([name, { address }]) => [address, name]));
  const findings: Finding[] = [...checkFigures(path, text)];
  if (Object.keys(text.members).length === 0)
    findings.push(
      onKey(
        wrong(
          [...path, 'members'],
          text.members,
          'No service node is named. Name at least one, such as `sn1: {address: 10.1.0.31}`, or remove serviceNodes.',
        ),
      ),
    );
  for (const [name, member] of Object.entries(text.members)) {
    const at = [...path, 'members', name];
    if (nodes[name] !== undefined)
      findings.push(
        onKey(
          wrong(
            at,
            name,
            `'${name}' is a node of group ${group}: it cannot be its own service node. Remove it here.`,
          ),
        ),
      );
    for (const key of ['address', 'nodeAddress'] as const) {
      const address = member[key];
      if (address === undefined || (key === 'nodeAddress' && address === member.address)) continue;
      const other = addresses.get(address);
      if (other !== undefined)
        findings.push(
          wrong([...at, key], address, `${address} is the address of ${other} already. Correct one of them.`),
        );
      addresses.set(address, name);
    }
    const kinds = kindsOf(text, member);
    if (kinds.length < text.probes.failingKinds)
      findings.push(
        onKey(
          wrong(
            [...at, 'probes'],
            member.probes,
            `${name} has ${kinds.length === 1 ? 'one kind' : `${kinds.length} kinds`} of probe (${kinds.join(', ') || 'none'}), but ${text.probes.failingKinds} must fail before it is down, so it never would be. Add a kind (\`interface\` needs nodeAddress), or lower probes.failingKinds.`,
          ),
        ),
      );
  }
  return [...findings, ...checkPools(path, text)];
}

function checkFigures(path: readonly string[], { probes }: ServiceNodesText): readonly Finding[] {
  const { failures, samples, every, limit, failingKinds } = probes;
  const findings: Finding[] = [];
  if (failures > samples)
    findings.push(
      wrong(
        [...path, 'probes', 'failures'],
        failures,
        `Of the last ${samples} probes (samples) never ${failures} can fail. Lower failures, or raise samples.`,
      ),
    );
  if (limit > every)
    findings.push(
      wrong(
        [...path, 'probes', 'limit'],
        `${limit}ms`,
        `A probe would take up to ${limit} ms while the next one begins after ${every} ms. Lower limit, or raise every.`,
      ),
    );
  if (failingKinds === 1)
    findings.push(
      doubtful(
        [...path, 'probes', 'failingKinds'],
        failingKinds,
        'One kind of probe alone makes a service node down: a firewall rule can do that.',
      ),
    );
  return findings;
}

/** A pool of one, which helps nobody when that one is lost. */
function checkPools(path: readonly string[], { members }: ServiceNodesText): readonly Finding[] {
  const all = Object.entries(members);
  return all
    .filter(([name, { pools }]) =>
      all.every(([other, member]) => other === name || !member.pools.some((pool) => pools.includes(pool))),
    )
    .map(([name, { pools }]) =>
      onKey(
        doubtful(
          [...path, 'members', name],
          pools,
          `No other service node is in a pool of ${name} (${pools.join(', ')}): when it is lost, its nodes have nowhere to go.`,
        ),
      ),
    );
}
