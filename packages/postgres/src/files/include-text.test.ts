import { nodeId } from '@hamn/core';
import { describe, expect, test } from 'vitest';
import { parseLine } from './config-tree.ts';
import { memoryMegabytes } from './include-basis.ts';
import { type IncludeBasis, type IncludeState, readState, renderInclude } from './include-text.ts';

const basis: IncludeBasis = {
  node: nodeId('mn1'),
  user: 'hamn',
  passfile: '/var/lib/hamn/postgres/pgpass',
  slot: 'hamn_mn1',
  walLevel: 'replica',
  walSenders: 10,
  replicationSlots: 10,
  walKeepMegabytes: 512,
  slotKeepMegabytes: 1024,
};

const names = (...list: string[]): ReturnType<typeof nodeId>[] => list.map(nodeId);

describe('hamn.conf', () => {
  test('says again what it was made of', () => {
    const state: IncludeState = {
      upstream: { node: nodeId('mn2'), address: 'fd99::2', port: 5433 },
      synchronous: names('mn2', 'mn3'),
    };
    const text = renderInclude(state, basis);
    expect(readState(text)).toEqual(state);
    const conninfo = text
      .split('\n')
      .map(parseLine)
      .find((line) => line?.name === 'primary_conninfo')?.value;
    expect(conninfo).toContain(
      'host=fd99::2 port=5433 user=hamn application_name=mn1 passfile=/var/lib/hamn/postgres/pgpass',
    );
  });

  test('syncs by file system after a crash where that was chosen, unless the admin says how', () => {
    const state: IncludeState = { upstream: undefined, synchronous: [], syncsAtOnce: true };
    const text = renderInclude(state, basis);
    expect(text).toContain("recovery_init_sync_method = 'syncfs'");
    expect(readState(text)).toEqual(state);
    const own = renderInclude(state, { ...basis, hasOwnInitSync: true });
    expect(own).not.toContain('recovery_init_sync_method');
    expect(renderInclude({ ...state, syncsAtOnce: undefined }, basis)).not.toContain('recovery_init_sync');
  });

  test('every setting has its reason above it', () => {
    const lines = renderInclude({ upstream: undefined, synchronous: [] }, basis).split('\n');
    for (const [index, line] of lines.entries()) {
      if (parseLine(line) !== undefined) expect(lines[index - 1]).toMatch(/^# \S.*\.$/);
    }
  });

  test('a file that was never written or was spoiled says nothing', () => {
    const nothing = { upstream: undefined, synchronous: [] };
    expect(readState('')).toEqual(nothing);
    expect(readState('# hamn-state: {"upstream":')).toEqual(nothing);
    const planted = { node: 'mn1', address: "x'\n[Service]\nExecStart=/bin/sh", port: 5432 };
    expect(
      readState(`# hamn-state: ${JSON.stringify({ upstream: planted, synchronous: ['a\nb'] })}`),
    ).toEqual(nothing);
    expect(readState('# hamn-state: {"upstream":{"node":1},"synchronous":[2,"mn2"]}')).toEqual({
      upstream: undefined,
      synchronous: ['mn2'],
    });
  });

  test('sizes are read in their units', () => {
    expect(memoryMegabytes('1GB')).toBe(1024);
    expect(memoryMegabytes('512')).toBe(512);
    expect(memoryMegabytes('2048kB')).toBe(2);
    expect(memoryMegabytes('much')).toBeUndefined();
  });
});
