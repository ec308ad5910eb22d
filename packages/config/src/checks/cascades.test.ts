import { nodeId } from '@hamn/core';
import { describe, expect, it } from 'vitest';
import { readClusterSettings } from '../cluster-settings.ts';
import { but, errorsOf } from '../testing/good-cluster.ts';

const third = '  mn3: {address: 10.1.0.224}\n';

/** The good settings with three data nodes, which receive as it is said. */
const receiving = (from: Readonly<Record<string, string>>): string =>
  Object.entries(from).reduce(
    (text, [node, upstream]) =>
      text.replace(new RegExp(`(${node}: \\{address: [0-9.]+)`), `$1, replicatefrom: ${upstream}`),
    but('  wit1:', `${third}  wit1:`),
  );

describe('replicatefrom', () => {
  it('may be a chain', () => {
    const read = readClusterSettings(receiving({ mn3: 'mn2', mn2: 'mn1' }), 'cluster.yaml');
    expect(read.ok && read.value.nodes.map(({ replicatefrom }) => replicatefrom)).toEqual([
      undefined,
      nodeId('mn1'),
      nodeId('mn2'),
      undefined,
    ]);
  });

  it.each([
    [
      'itself',
      { mn3: 'mn3' },
      'cluster.yaml:6:45 nodes.mn3.replicatefrom: mn3 receives from mn3: nobody in this loop would receive from the primary. Take `replicatefrom` away from one.',
    ],
    ['nobody', { mn3: 'mn9' }, /There is no node mn9\. Name the data node that mn3 shall receive from\.$/],
    ['a witness', { mn3: 'wit1' }, /wit1 is a witness and has no data to give\. Name a data node\.$/],
    ['a witness that receives', { wit1: 'mn1' }, /wit1 is a witness and keeps no data/],
    [
      'each other',
      { mn2: 'mn3', mn3: 'mn2' },
      /nodes\.mn2\.replicatefrom: mn2 receives from mn3 receives from mn2: nobody in this loop .*\n.*nodes\.mn3\.replicatefrom: mn3 receives from mn2 receives from mn3: /,
    ],
    [
      'a ring of three',
      { mn1: 'mn2', mn2: 'mn3', mn3: 'mn1' },
      /mn1 receives from mn2 receives from mn3 receives from mn1: /,
    ],
  ])('is not %s', (_what, from: Readonly<Record<string, string>>, error) => {
    const said = errorsOf(receiving(from));
    if (typeof error === 'string') expect(said).toBe(error);
    else expect(said).toMatch(error);
  });

  it('leaves a primary in mode strict somebody to wait for', () => {
    const two = but('10.1.0.222}', '10.1.0.222, replicatefrom: mn1}');
    expect(errorsOf(two.replace('{version: 15}', '{version: 15, mode: strict}'))).toMatch(
      /every other data node has `nosync` or `replicatefrom`\./,
    );
  });
});
