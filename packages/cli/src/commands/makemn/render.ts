import type { MakemnCheck, MakemnPlan } from '@hamn/api';
import { renderPlan } from '../../request/render-plan.ts';
import type { Paint } from '../../text/colour.ts';

/** What is to be done and what was looked at for it. */
export function renderMakemnPlan(plan: MakemnPlan, colour: Paint): string {
  if (plan.way === 'none') return `${plan.node} is the management node already.`;
  const head = renderPlan(
    `makemn, by a ${plan.way}`,
    { from: plan.from, to: plan.node, checks: plan.checks, possible: plan.possible },
    colour,
  );
  const steps = plan.steps.map((step, index) => `  ${index + 1}. ${step}`);
  return [head, ...steps].join('\n');
}

export function renderMakemnChecks(checks: readonly MakemnCheck[], colour: Paint): string {
  return checks
    .map(({ state, text, remedy }) => {
      const mark = { ok: colour.green('ok'), wrong: colour.red('NO'), pending: colour.yellow('..') }[state];
      return `  ${mark}  ${text}${remedy === undefined ? '' : `\n      ${remedy}`}`;
    })
    .join('\n');
}
