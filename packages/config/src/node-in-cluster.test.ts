import { expect, it } from 'vitest';
import { readClusterSettings } from './cluster-settings.ts';
import { readNodeFile } from './node-file.ts';
import { nodeMismatches } from './node-in-cluster.ts';

const mismatches = (node: string): readonly string[] => {
  const file = readNodeFile(`cluster: lab\n${node}\netcd: {endpoints: ["https://10.0.0.1:2379"]}\n`, 'n');
  const settings = readClusterSettings(
    'version: 1\nnodes: {mn1: {address: 10.0.0.1}, mn2: {address: 10.0.0.2, role: witness}}\ngroups: {mn: {}}\n',
    'c',
  );
  if (!file.ok || !settings.ok) throw new Error('The texts of this test are wrong.');
  return nodeMismatches(file.value, settings.value);
};

it('finds nothing where both files agree', () => {
  expect(mismatches('node: mn1\naddress: 10.0.0.1')).toEqual([]);
});

it('names every difference', () => {
  expect(mismatches('node: mn2\naddress: 10.0.0.3\napi: {port: 1}')).toEqual([
    "The address of mn2 is 10.0.0.3 in the node file, but 10.0.0.2 in the cluster's settings. Make them equal.",
    "The role of mn2 is data in the node file, but witness in the cluster's settings. Make them equal.",
    "The API port of mn2 is 1 in the node file, but 7443 in the cluster's settings. Make them equal.",
  ]);
});

it('suggests the name that was meant', () => {
  expect(mismatches('node: nm1\naddress: 10.0.0.1')).toEqual([
    "The node file says that this is node 'nm1', but the cluster's settings know only mn1, mn2. Did you mean 'mn1'? Correct `node` in the node file, or add the node to the settings.",
  ]);
});

it('says in which group the node is', () => {
  const file = readNodeFile(
    'cluster: lab\nnode: sn1\naddress: 10.0.0.3\netcd: {endpoints: ["https://10.0.0.1:2379"]}\n',
    'n',
  );
  const of = (groups: string): readonly string[] => {
    const settings = readClusterSettings(
      `version: 1\nnodes: {mn1: {address: 10.0.0.1}, mn2: {address: 10.0.0.2}, sn1: {address: 10.0.0.3}}\ngroups: ${groups}\n`,
      'c',
    );
    if (!file.ok || !settings.ok) throw new Error('The texts of this test are wrong.');
    return nodeMismatches(file.value, settings.value);
  };
  expect(of('{mn: {}, sn-nfs: {nodes: [sn1]}}')).toEqual([
    "The node file says that sn1 is in group mn, but the cluster's settings have it in sn-nfs. Write `group: sn-nfs` into the node file, or move the node in the settings.",
  ]);
  expect(of('{mn: {nodes: [mn1, mn2]}}')).toEqual([
    "The cluster's settings have sn1 in no group. Name it below `nodes` of a group.",
  ]);
  expect(of('{mn: {}}')).toEqual([]);
});
