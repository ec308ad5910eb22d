import { expect, test } from 'vitest';
import { instant } from '../brands.ts';
import { resourceOf } from '../testing/resource-lines.ts';
import { resourceGraph } from './graph.ts';
import { freshResource } from './memory.ts';
import { planResources } from './plan.ts';

/** It could not be stopped, not even by a kill, at 5000. */
const memory = new Map([
  [
    'data',
    {
      ...freshResource,
      level: 'running' as const,
      lookedAt: instant(5000),
      escalation: { step: 1, since: instant(5000), reason: 'It is busy.' },
    },
  ],
]);

const planAt = (now: number, harmlessAt: number | undefined) => {
  const graph = resourceGraph([resourceOf('data mount type=xfs')]);
  if (!graph.ok) throw new Error(graph.error.message);
  const wanted = {
    role: 'standby' as const,
    term: undefined,
    drain: false,
    maintenance: new Set<string>(),
    harmlessAt: harmlessAt === undefined ? undefined : instant(harmlessAt),
  };
  return planResources(graph.value, wanted, new Map(), memory, instant(now)).intentions;
};

test('what cannot be stopped makes the guard act', () => {
  expect(planAt(6000, undefined)).toMatchObject([{ kind: 'resource.self-fence', name: 'data' }]);
  expect(planAt(6000, 4000)).toMatchObject([{ kind: 'resource.self-fence', name: 'data' }]);
});

test('after the guard has acted it is looked at once more: the node must come back', () => {
  expect(planAt(6000, 5500)).toMatchObject([{ kind: 'resource.act', act: 'monitor', name: 'data' }]);
});
