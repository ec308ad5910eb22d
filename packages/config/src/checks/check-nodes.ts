import { neverLeads, neverSynchronous, type PostgresSettings } from '@hamn/core';
import { isLoopback } from '../addresses.ts';
import type { ClusterText, GroupText, NodeText } from '../cluster-schema.ts';
import { groupNodes } from '../group-nodes.ts';
import { checkCascades } from './check-cascades.ts';
import { doubtful, type Finding, onKey, wrong } from './finding.ts';

export function checkNodes(text: ClusterText): readonly Finding[] {
  const nodes = Object.entries(text.nodes);
  const data = nodes.filter(([, node]) => node.role === 'data');
  const findings: Finding[] = [...duplicateAddresses(text), ...likeNames(text)];
  if (data.length === 0)
    findings.push(
      onKey(
        wrong(['nodes'], text.nodes, 'No node has `role: data`: nobody could ever lead. Name at least one.'),
      ),
    );
  else if (data.every(([, node]) => neverLeads(node)))
    findings.push(
      onKey(
        wrong(
          ['nodes'],
          text.nodes,
          'Every data node has `priority: 0` or `nofailover`: nobody could ever lead. Change one of them.',
        ),
      ),
    );
  findings.push(...checkCascades(text));
  if (nodes.length < 3) findings.push(onKey(fewVotes(text)));
  for (const [name, node] of nodes)
    if (isLoopback(node.address))
      findings.push(
        doubtful(
          ['nodes', name, 'address'],
          node.address,
          `'${node.address}' is a loopback address; other machines cannot reach ${name} there. Write the address that they use.`,
        ),
      );
  return findings;
}

const fewVotes = (text: ClusterText): Finding =>
  doubtful(
    ['nodes'],
    text.nodes,
    `There are ${Object.keys(text.nodes).length} nodes. etcd needs 3 votes to survive the loss of one; add a node with ` +
      '`role: witness`, or run etcd on three machines of your own.',
  );

function duplicateAddresses(text: ClusterText): readonly Finding[] {
  const owners = new Map<string, string>();
  const findings: Finding[] = [];
  for (const [name, node] of Object.entries(text.nodes)) {
    const other = owners.get(node.address);
    if (other === undefined) owners.set(node.address, name);
    else
      findings.push(
        wrong(
          ['nodes', name, 'address'],
          node.address,
          `'${node.address}' is the address of ${other} already. Give each node its own.`,
        ),
      );
  }
  return findings;
}

/** Replication slots have only [a-z0-9_], so names that differ in nothing else would share one. */
function likeNames(text: ClusterText): readonly Finding[] {
  const owners = new Map<string, string>();
  const findings: Finding[] = [];
  for (const name of Object.keys(text.nodes)) {
    const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '_');
    const other = owners.get(plain);
    if (other === undefined) owners.set(plain, name);
    else
      findings.push(
        onKey(
          wrong(
            ['nodes', name],
            name,
            `The names ${other} and ${name} differ only in case or punctuation and would share a replication slot. Rename one.`,
          ),
        ),
      );
  }
  return findings;
}

/** Whether some node may lead of which no commit could wait for any other. */
const isNobodyWaitedFor = (data: readonly (readonly [string, NodeText])[]): boolean =>
  data.some(
    ([name, node]) =>
      !neverLeads(node) && data.every(([other, its]) => other === name || neverSynchronous(its)),
  );

/** Mode quorum counts on standbys that may lead: what only others have would be lost with the primary. */
function quorumFindings(
  group: string,
  { mode, quorum }: Pick<PostgresSettings, 'mode' | 'quorum'>,
  data: readonly (readonly [string, NodeText])[],
): readonly Finding[] {
  const at = (key: string): readonly string[] => ['groups', group, 'postgres', key];
  if (mode !== 'quorum')
    return quorum === undefined
      ? []
      : [
          doubtful(
            at('quorum'),
            quorum,
            'It counts in mode quorum only. Write `mode: quorum`, or take it out.',
          ),
        ];
  const leaders = data.filter(([, node]) => !neverLeads(node));
  if (leaders.length < 3)
    return [
      wrong(
        at('mode'),
        mode,
        `Mode quorum needs three data nodes that may lead, and there are ${leaders.length}. Add data nodes (or raise a priority, or take \`nofailover\` away), or use synchronous.`,
      ),
    ];
  // The primary is one of them.
  const most = leaders.filter(([, node]) => !neverSynchronous(node)).length - 1;
  if (most < 2)
    return [
      wrong(
        at('mode'),
        mode,
        'Mode quorum needs two standbys to choose from, whichever node is primary: too many nodes have `nosync`. Take it from one of them, or use synchronous.',
      ),
    ];
  if ((quorum ?? 1) <= most) return [];
  return [
    wrong(
      at('quorum'),
      quorum,
      `Beside the primary ${most} nodes can acknowledge a write. Write a number from 1 to ${most}.`,
    ),
  ];
}

/** What a group's database asks of the nodes. */
export function checkGroupNodes(text: ClusterText, name: string, group: GroupText): readonly Finding[] {
  const { postgres } = group;
  if (postgres === undefined) return [];
  const data = Object.entries(groupNodes(text, name)).filter(([, node]) => node.role === 'data');
  const findings: Finding[] = [];
  const mode = ['groups', name, 'postgres', 'mode'];
  if (data.length === 1 && postgres.mode === 'strict')
    findings.push(
      wrong(
        mode,
        postgres.mode,
        'With one data node, mode strict could never write: no standby would acknowledge. Add a data node, or use synchronous.',
      ),
    );
  else if (postgres.mode === 'strict' && isNobodyWaitedFor(data))
    findings.push(
      wrong(
        mode,
        postgres.mode,
        'A primary in mode strict would have nobody to wait for and could never write: every other data node has `nosync` or `replicatefrom`. Take it from one of them, or use synchronous.',
      ),
    );
  if (data.length === 1 && postgres.mode === 'synchronous')
    findings.push(
      doubtful(
        mode,
        postgres.mode,
        'With one data node there is no standby: every write is on one machine only.',
      ),
    );
  findings.push(...quorumFindings(name, postgres, data));
  for (const [nodeName, node] of data)
    if (node.apiPort === postgres.port)
      findings.push(
        wrong(
          ['groups', name, 'postgres', 'port'],
          postgres.port,
          `Port ${postgres.port} is the API port of ${nodeName} as well. Change one of the two.`,
        ),
      );
  return findings;
}
