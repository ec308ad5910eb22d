import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resourceOf } from '../testing/resource-lines.ts';
import { groups, ResourceWalk, stepsOf } from '../testing/resource-walk.ts';
import { wantOf } from './wants.ts';

const primary = { role: 'primary', term: 7, drain: false, maintenance: new Set<string>() } as const;

describe('resources, whatever happens', () => {
  it('never start before what they are after, and never stop under what is after them', () => {
    let acts = 0;
    fc.assert(
      fc.property(
        groups,
        stepsOf(['role', 'role', 'fail', 'lie', 'maintenance', 'protection', 'wait']),
        (group, steps) => {
          const walk = new ResourceWalk(group);
          for (const step of steps) walk.step(step);
          acts += walk.story.length;
          expect(walk.broken).toEqual([]);
        },
      ),
      { numRuns: 250, seed: 7 },
    );
    // A walk in which nothing happens proves nothing.
    expect(acts).toBeGreaterThan(4000);
  }, 120_000);

  it('come to rest where they belong once nothing fails any more', () => {
    fc.assert(
      fc.property(
        groups,
        stepsOf(['role', 'fail', 'lie', 'break', 'restart', 'maintenance']),
        (group, steps) => {
          const walk = new ResourceWalk(group);
          for (const step of steps) walk.step(step);
          const { world } = walk;
          for (const one of world.actual.values()) {
            one.failing.clear();
            one.lies = undefined;
          }
          // The guard's act ended with a new start: what it could not stop is gone with the machine.
          if (world.fenced) {
            world.fenced = false;
            world.restart();
            for (const one of world.actual.values()) one.level = 'stopped';
          }
          world.wanted = { ...world.wanted, maintenance: new Set() };
          walk.wait(120_000);
          walk.story.length = 0;
          walk.wait(60_000);
          expect(walk.story).toEqual([]);
          for (const node of world.graph.nodes) {
            const want = wantOf(node, world.wanted);
            if (!node.traits.once)
              expect([node.settings.name, world.of(node.settings.name).level]).toEqual([
                node.settings.name,
                want,
              ]);
          }
        },
      ),
      { numRuns: 200, seed: 7 },
    );
  }, 120_000);

  it('do the same in the same story', () => {
    fc.assert(
      fc.property(
        groups,
        stepsOf(['role', 'fail', 'lie', 'break', 'restart', 'maintenance']),
        (group, steps) => {
          const [first, second] = [new ResourceWalk(group), new ResourceWalk(group)];
          for (const step of steps) {
            first.step(step);
            second.step(step);
          }
          expect(second.story).toEqual(first.story);
        },
      ),
      { numRuns: 60, seed: 7 },
    );
  }, 60_000);

  it('start as wide as the graph allows, in the time of its longest chain', () => {
    const edges = fc.array(fc.array(fc.nat(30), { maxLength: 3 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(edges, (lists) => {
        const group = lists.map((list, index) => {
          const before = [...new Set(list.filter((at) => at < index))].map((at) => `r${at}`);
          return resourceOf(`r${index} unit after=${before.length === 0 ? '-' : before.join(',')}`);
        });
        const walk = new ResourceWalk(group);
        walk.world.wanted = primary;
        walk.wait(4000);
        // All are looked at first, side by side (10 ms); then each start takes 100 ms.
        const begun = Math.min(...walk.story.map((line) => Number(/^@(\d+)/.exec(line)?.[1])));
        const times = new Map(
          walk.story.map((line) => {
            const [, at = '', name = ''] = /^@(\d+) start (\S+):/.exec(line) ?? [];
            return [name, Number(at)];
          }),
        );
        for (const { settings, depth } of walk.world.graph.nodes)
          expect([settings.name, times.get(settings.name)]).toEqual([settings.name, begun + 100 * depth]);
      }),
      { numRuns: 100, seed: 7 },
    );
  }, 60_000);
});
