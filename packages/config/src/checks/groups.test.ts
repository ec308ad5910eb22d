import { describe, expect, it } from 'vitest';
import { groupSettings, readClusterSettings } from '../cluster-settings.ts';

const nodes = `version: 1
nodes:
  mn1: {address: 10.1.0.221}
  mn2: {address: 10.1.0.222}
  wit1: {address: 10.1.0.220, role: witness}
  sn1: {address: 10.2.0.31}
  sn2: {address: 10.2.0.32}
groups:
`;
const mn = `  mn:
    vips: [{address: 10.1.0.223/24, interface: eth0}]
    serviceNodes:
      members:
        sn1: {address: 10.2.0.31, pools: [a]}
        sn2: {address: 10.2.0.32, pools: [a]}
`;
const sn = `  sn-nfs:
    nodes: [sn1, sn2]
    vips: [{address: 10.2.0.30/24, interface: eth0}]
    services: [{name: nfs-ganesha}]
`;

const read = (groups: string, text = nodes): ReturnType<typeof readClusterSettings> =>
  readClusterSettings(`${text}${groups}`, 'cluster.yaml');
const namesOf = (groups: string, group: string): readonly string[] | string => {
  const settings = read(groups);
  if (!settings.ok) return settings.error.message;
  return groupSettings(settings.value, 'lab', group)?.nodes.map(({ name }) => name) ?? 'no such group';
};
const errors = (groups: string, text = nodes): string => {
  const settings = read(groups, text);
  return settings.ok
    ? `accepted: ${settings.warnings.map(({ message }) => message).join(' ')}`
    : settings.error.message;
};

describe('the nodes of a group', () => {
  it('are those that it names; the group that names none has the rest, the witness too', () => {
    expect(namesOf(mn + sn, 'sn-nfs')).toEqual(['sn1', 'sn2']);
    expect(namesOf(mn + sn, 'mn')).toEqual(['mn1', 'mn2', 'wit1']);
    expect(errors(mn + sn)).toBe('accepted: ');
  });

  it('are all of the cluster where there is one group that says nothing', () => {
    expect(namesOf('  mn: {}\n', 'mn')).toEqual(['mn1', 'mn2', 'wit1', 'sn1', 'sn2']);
  });

  it('count for the database and the addresses of their own group only', () => {
    // A VIP outside the network of the other group's nodes, and a mode that wants two data nodes.
    const strict = mn.replace('    vips', '    postgres: {version: 15, mode: strict}\n    vips');
    expect(errors(strict + sn)).toBe('accepted: ');
    expect(errors(strict.replace('  mn:\n', '  mn:\n    nodes: [mn1, wit1]\n') + sn)).toContain(
      'With one data node, mode strict could never write',
    );
    expect(errors(mn + sn.replace('10.2.0.30', '10.3.0.30'))).toContain(
      "The VIP's network 10.3.0.0/24 does not contain sn1 (10.2.0.31) and sn2 (10.2.0.32).",
    );
  });

  it.each([
    [
      'in two groups',
      mn + sn + sn.replace('sn-nfs', 'sn-tftp').replace('.30/', '.33/').replace('[sn1, sn2]', '[sn2]'),
      'groups.sn-tftp.nodes[0]: sn2 is in group sn-nfs already. A node has one hamnd and one guard and so is in one group: remove it in one of the two.',
    ],
    [
      'twice in one',
      mn + sn.replace('[sn1, sn2]', '[sn1, sn1]'),
      'groups.sn-nfs.nodes[1]: sn1 stands here for the second time. Remove one of the two.',
    ],
    [
      'unknown',
      mn + sn.replace('sn2]', 'sn3]'),
      "groups.sn-nfs.nodes[1]: The cluster has no node 'sn3'. Did you mean 'sn1'? It has mn1, mn2, wit1, sn1, sn2.",
    ],
    [
      'of two groups that both name none',
      mn + sn.replace('    nodes: [sn1, sn2]\n', ''),
      'groups.sn-nfs: Of several groups only one can leave out `nodes`, and mn does already. Say which nodes sn-nfs has: `nodes: [...]`.',
    ],
    [
      'without one that may lead',
      mn + sn.replace('[sn1, sn2]', '[wit1]'),
      'groups.sn-nfs.nodes: Group sn-nfs has wit1 and so nobody who could lead it. Give it a node with `role: data` that may lead.',
    ],
    [
      'all taken by other groups',
      mn + sn.replace('[sn1, sn2]', '[mn1, mn2, wit1, sn1, sn2]'),
      'groups.mn: Group mn has no node and so nobody who could lead it.',
    ],
    [
      'an empty list',
      mn + sn.replace('[sn1, sn2]', '[]'),
      'groups.sn-nfs.nodes: A list is not legal here. At least one node is needed. Without `nodes` the group has all that no other group names.',
    ],
  ])('are refused: %s', (_what, groups, error) => {
    expect(errors(groups)).toContain(error);
  });

  it('that are in no group are told', () => {
    expect(errors(mn.replace('  mn:\n', '  mn:\n    nodes: [mn1, mn2]\n') + sn)).toBe(
      'accepted: wit1 is in no group: hamnd would have nothing to do there. Name it below `nodes` of a group.',
    );
  });

  it('do not replicate across groups', () => {
    const cascade = nodes.replace('10.2.0.32}', '10.2.0.32, replicatefrom: mn2}');
    expect(errors(mn + sn, cascade)).toContain(
      "nodes.sn2.replicatefrom: mn2 is not in group sn-nfs, and its data are others. Name a data node of sn2's own group.",
    );
  });

  it('may be service nodes of another group, not of their own', () => {
    expect(errors(mn.replaceAll('sn1', 'mn1') + sn)).toContain(
      "'mn1' is a node of group mn: it cannot be its own service node. Remove it here.",
    );
  });
});
