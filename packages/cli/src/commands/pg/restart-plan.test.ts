import type { StatusDocument } from '@hamn/api';
import { nodeId } from '@hamn/core';
import { describe, expect, it } from 'vitest';
import { healthy } from '../../testing/samples.ts';
import { planRestart, type RestartWish } from './restart-plan.ts';

const wish: RestartWish = { nodes: [], all: false, pendingOnly: false, inPlace: false };
const plan = (more: Partial<RestartWish>, status: StatusDocument = healthy): readonly string[] | string => {
  const planned = planRestart(status, { ...wish, ...more });
  return planned.ok ? planned.value.steps.map(({ kind, node }) => `${kind} ${node}`) : planned.error.message;
};

describe('a rolling restart', () => {
  it('takes the standbys first, and the primary last by a switchover', () => {
    expect(plan({ all: true })).toEqual(['restart mn2', 'switchover mn1']);
    expect(plan({ all: true, inPlace: true })).toEqual(['restart mn2', 'restart mn1']);
  });

  it('takes only nodes that are named, or that wait for a restart', () => {
    expect(plan({ nodes: ['mn2'] })).toEqual(['restart mn2']);
    expect(plan({ pendingOnly: true })).toEqual([]);
  });

  it('refuses what it cannot know or reach', () => {
    expect(plan({})).toBe('Say which nodes: their names, --all, or --pending-only.');
    expect(plan({ nodes: ['mn9'] })).toContain('There is no data node mn9.');
    expect(plan({ nodes: ['wit1'] })).toContain('There is no data node wit1.');
    expect(plan({ all: true }, { ...healthy, primary: undefined })).toContain('There is no primary');
  });

  it('leaves a node in maintenance to its admin', () => {
    const maintenance = [
      { node: nodeId('mn2'), by: 'root on mn1', reason: '', sinceWallMs: 0, untilWallMs: 1 },
    ];
    expect(plan({ all: true }, { ...healthy, maintenance })).toBe(
      'mn2 is in maintenance (by root on mn1): restart it there by hand.',
    );
  });
});
