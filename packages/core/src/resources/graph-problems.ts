import { didYouMean } from '../near.ts';
import { liesOn } from './implied.ts';
import { traitsOf } from './kinds/kinds.ts';
import { findCycle } from './reach.ts';
import { meet, type ResourceSettings } from './resource.ts';

/** Why resources cannot be put into an order. `resource` and `at` (an index of its `after`) are the place. */
export interface GraphProblem {
  readonly code: 'twice' | 'unknown-name' | 'never-together' | 'narrower' | 'cycle';
  readonly resource: string;
  readonly at: number | undefined;
  /** Full sentences. */
  readonly message: string;
  readonly legal?: readonly string[];
}

export function graphProblems(resources: readonly ResourceSettings[]): readonly GraphProblem[] {
  const byName = new Map(resources.map((resource) => [resource.name, resource]));
  const twice = resources.filter((one) => byName.get(one.name) !== one);
  if (twice.length > 0) return twice.map(nameTwice);
  const problems = resources.flatMap((resource) => [
    ...edgeProblems(resource, byName),
    ...narrower(resource, resources),
  ]);
  return [...problems, ...cycleProblem(resources)];
}

const nameTwice = ({ name }: ResourceSettings): GraphProblem => ({
  code: 'twice',
  resource: name,
  at: undefined,
  message: `There are two resources called '${name}'. Rename one of them.`,
});

function edgeProblems(
  resource: ResourceSettings,
  byName: ReadonlyMap<string, ResourceSettings>,
): readonly GraphProblem[] {
  const legal = [...byName.keys()].filter((name) => name !== resource.name);
  return resource.after.flatMap((before, at): readonly GraphProblem[] => {
    const other = byName.get(before);
    if (other === undefined)
      return [
        {
          code: 'unknown-name',
          resource: resource.name,
          at,
          message: `There is no resource '${before}' in this group.${didYouMean(before, legal)}${legal.length === 0 ? '' : ` Legal are: ${legal.join(', ')}.`}`,
          legal,
        },
      ];
    if (meet(resource.runs, other.runs)) return [];
    return [
      {
        code: 'never-together',
        resource: resource.name,
        at,
        message: `'${resource.name}' runs on the ${resource.runs} and '${before}' on the ${other.runs}: they never meet, so one cannot wait for the other. Remove it here, or change one's \`runs\`.`,
      },
    ];
  });
}

/** It would run where its storage is not: on an empty directory. */
function narrower(
  resource: ResourceSettings,
  resources: readonly ResourceSettings[],
): readonly GraphProblem[] {
  return resources
    .filter(
      (other) =>
        other.runs !== 'all' && other.runs !== resource.runs && traitsOf(other.what).carries === true,
    )
    .filter((other) => resource.after.includes(other.name) || liesOn(resource, other))
    .filter((other) => meet(resource.runs, other.runs))
    .map((other) => ({
      code: 'narrower',
      resource: resource.name,
      at: undefined,
      message: `'${resource.name}' works on '${other.name}', which runs on the ${other.runs} only, but itself runs on ${resource.runs === 'all' ? 'all nodes' : `the ${resource.runs}`}. Write \`runs: ${other.runs}\` here, or \`runs: all\` there.`,
    }));
}

function cycleProblem(resources: readonly ResourceSettings[]): readonly GraphProblem[] {
  const cycle = findCycle(new Map(resources.map(({ name, after }) => [name, after])));
  const [first] = cycle ?? [];
  if (cycle === undefined || first === undefined) return [];
  return [
    {
      code: 'cycle',
      resource: first,
      at: undefined,
      message: `These resources wait for each other for ever: ${cycle.join(' -> ')} ('->' reads 'starts after'). Remove one of these.`,
    },
  ];
}
