import { describe, expect, it } from 'vitest';
import { but, errorsOf, good, warningsOf } from '../testing/good-cluster.ts';

describe('bad settings: nodes and databases', () => {
  it.each([
    [
      'one address for two nodes',
      but('10.1.0.222', '10.1.0.221'),
      "cluster.yaml:5:18 nodes.mn2.address: '10.1.0.221' is the address of mn1 already. Give each node its own.",
    ],
    [
      'names that are alike',
      but('  mn2:', '  MN1:'),
      'cluster.yaml:5:3 nodes.MN1: The names mn1 and MN1 differ only in case or punctuation and would share a replication slot. Rename one.',
    ],
    [
      'one name twice',
      but('  mn2:', '  mn1:'),
      'cluster.yaml:5:3: This key stands here for the second time in its map. Remove one of the two.',
    ],
    [
      'a name with a slash',
      but('  mn2:', '  mn/2:'),
      'cluster.yaml:5:3 nodes["mn/2"]: The name \'mn/2\' is not legal. A node is named like a host: letters, digits, dots and hyphens, first and last a letter or digit, at most 63 characters.',
    ],
    [
      'a host name for an address',
      but('10.1.0.222', 'mn2.cluster'),
      "cluster.yaml:5:18 nodes.mn2.address: 'mn2.cluster' is not legal here. It must be an IPv4 or IPv6 address, such as 10.1.0.221 or fd99::11, not a host name.",
    ],
    [
      'an octal address',
      but('10.1.0.222', '010.1.0.222'),
      "cluster.yaml:5:18 nodes.mn2.address: '010.1.0.222' is not legal here. It must be an IPv4 or IPv6 address, such as 10.1.0.221 or fd99::11, not a host name.",
    ],
    [
      'an address with prefix length for a node',
      but('10.1.0.222', '10.1.0.222/24'),
      "cluster.yaml:5:18 nodes.mn2.address: '10.1.0.222/24' is not legal here. A node is reached by its address alone: write it without the prefix length.",
    ],
    [
      'no address',
      but('  mn2: {address: 10.1.0.222}', '  mn2: {}'),
      "cluster.yaml:5:3 nodes.mn2.address: 'address' is missing. It is how the other nodes reach this one: an address, never a VIP.",
    ],
    [
      'no data node',
      good.replaceAll('21}', '21, role: witness}').replaceAll('22}', '22, role: witness}'),
      'cluster.yaml:3:1 nodes: No node has `role: data`: nobody could ever lead. Name at least one.',
    ],
    [
      'a priority out of range',
      but('{address: 10.1.0.221}', '{address: 10.1.0.221, priority: -1}'),
      "cluster.yaml:4:40 nodes.mn1.priority: '-1' is not legal here. It must be a whole number from 0 (never leads) to 1000.",
    ],
    [
      'nobody who may lead',
      good.replaceAll('21}', '21, priority: 0}').replaceAll('22}', '22, priority: 0}'),
      'cluster.yaml:3:1 nodes: Every data node has `priority: 0` or `nofailover`: nobody could ever lead. Change one of them.',
    ],
    [
      'strict with nobody to wait for',
      but('10.1.0.222}', '10.1.0.222, nosync: true}').replace('{version: 15}', '{version: 15, mode: strict}'),
      'cluster.yaml:11:35 groups.mn.postgres.mode: A primary in mode strict would have nobody to wait for and could never write: every other data node has `nosync` or `replicatefrom`. Take it from one of them, or use synchronous.',
    ],
    [
      'strict with one data node',
      but('10.1.0.222}', '10.1.0.222, role: witness}').replace(
        '{version: 15}',
        '{version: 15, mode: strict}',
      ),
      'cluster.yaml:11:35 groups.mn.postgres.mode: With one data node, mode strict could never write: no standby would acknowledge. Add a data node, or use synchronous.',
    ],
    [
      'quorum with two data nodes',
      but('{version: 15}', '{version: 15, mode: quorum}'),
      'cluster.yaml:11:35 groups.mn.postgres.mode: Mode quorum needs three data nodes that may lead, and there are 2. Add data nodes (or raise a priority, or take `nofailover` away), or use synchronous.',
    ],
    [
      'a database without version',
      but('{version: 15}', '{mode: strict}'),
      'cluster.yaml:11:5 groups.mn.postgres: A map is not legal here. Say which PostgreSQL it is: `version: 15` (everything follows in the layout of Debian; write `layout` for that of rhel, rhel-pgdg or sles), or unit, dataDirectory, includeDirectory and binDirectory. `hamnctl pg discover` finds them.',
    ],
    [
      'a database that is too old',
      but('{version: 15}', '{version: 12}'),
      "cluster.yaml:11:25 groups.mn.postgres.version: '12' is not legal here. PostgreSQL 13 is the oldest that hamn runs with.",
    ],
    [
      'one port for two',
      but('{version: 15}', '{version: 15, port: 7443}'),
      'cluster.yaml:11:35 groups.mn.postgres.port: Port 7443 is the API port of mn1 as well. Change one of the two.\n' +
        'cluster.yaml:11:35 groups.mn.postgres.port: Port 7443 is the API port of mn2 as well. Change one of the two.',
    ],
  ])('%s', (_what, text, error) => {
    expect(errorsOf(text)).toBe(error);
  });
});

/** Three data nodes beside the witness, in mode quorum. */
const three = (postgres: string, last = ''): string =>
  but('  wit1:', `  mn3: {address: 10.1.0.224${last}}\n  wit1:`).replace(
    '{version: 15}',
    `{version: 15, mode: quorum${postgres}}`,
  );

describe('mode quorum', () => {
  it.each([
    ['three data nodes', three(''), 'it was accepted'],
    ['each of two standbys', three(', quorum: 2'), 'it was accepted'],
    [
      'more standbys than there are',
      three(', quorum: 3'),
      'cluster.yaml:12:51 groups.mn.postgres.quorum: Beside the primary 2 nodes can acknowledge a write. Write a number from 1 to 2.',
    ],
    [
      'a third node that never leads',
      three('', ', nofailover: true'),
      'cluster.yaml:12:35 groups.mn.postgres.mode: Mode quorum needs three data nodes that may lead, and there are 2. Add data nodes (or raise a priority, or take `nofailover` away), or use synchronous.',
    ],
    [
      'a third node that nobody waits for',
      three('', ', nosync: true'),
      'cluster.yaml:12:35 groups.mn.postgres.mode: Mode quorum needs two standbys to choose from, whichever node is primary: too many nodes have `nosync`. Take it from one of them, or use synchronous.',
    ],
    [
      'no whole number',
      three(', quorum: 0'),
      "cluster.yaml:12:51 groups.mn.postgres.quorum: '0' is not legal here. It must be a whole number from 1 to 10.",
    ],
  ])('%s', (_what, text, error) => {
    expect(errorsOf(text)).toBe(error);
  });

  it('a number without the mode says nothing', () => {
    expect(warningsOf(but('{version: 15}', '{version: 15, quorum: 1}'))).toContain(
      'It counts in mode quorum only.',
    );
  });
});
