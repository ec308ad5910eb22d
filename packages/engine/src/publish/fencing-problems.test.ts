import { type FenceDeviceView, nodeId, revision } from '@hamn/core';
import { expect, it } from 'vitest';
import { deviceProblems, type HeardMembers } from './fencing-problems.ts';

const mn1 = nodeId('mn1');
const bmc = (power: FenceDeviceView['power']): readonly FenceDeviceView[] => [
  { device: 'bmc-mn1', node: mn1, power, reason: power === 'unknown' ? 'No route to host.' : undefined },
];
const before = new Map([[mn1, { bootId: 'boot-1', mod: revision(50) }]]);
const heard = (bootId: string | undefined, mod: number): HeardMembers =>
  new Map([[mn1, { kind: 'present', value: { bootId }, mod: revision(mod) }]]);

it('tells of a device that says off of a node which ran before and after it was asked', () => {
  expect(deviceProblems(bmc('off'), before, heard('boot-1', 51))).toEqual([
    'The fencing device bmc-mn1 says that mn1 is off, but mn1 runs. It may be wired to another plug: a fence through it would be believed. Correct its settings; hamnctl fence --list shows what each device says.',
  ]);
});

it.each([
  ['says on', 'on', before, heard('boot-1', 51)],
  ['says off of a node that was not heard of before', 'off', new Map(), heard('boot-1', 51)],
  ['says off of a node that has said nothing since', 'off', before, heard('boot-1', 50)],
  ['says off of a node that has booted since', 'off', before, heard('boot-2', 51)],
  ['says off of a node that is gone', 'off', before, new Map([[mn1, { kind: 'absent' } as const]])],
  ['says off, and the group is not read', 'off', before, undefined],
  ['says off, and was asked before anything was read', 'off', undefined, heard('boot-1', 51)],
] as const)('a device is believed that %s', (_what, power, heardBefore, members) => {
  expect(deviceProblems(bmc(power), heardBefore, members)).toEqual([]);
});

it('tells why a device cannot be used', () => {
  expect(deviceProblems(bmc('unknown'), before, heard('boot-1', 51))).toEqual([
    'The fencing device bmc-mn1 of mn1 cannot be used: No route to host.',
  ]);
});
