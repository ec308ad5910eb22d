import type { RolePlan } from '@hamn/api';
import type { Paint } from '../text/colour.ts';

/** `switchover: mn1 -> mn2`, then what was looked at. */
export function renderPlan(kind: string, plan: RolePlan, colour: Paint): string {
  const way = `${plan.from ?? 'nobody'} -> ${plan.to ?? 'nobody'}`;
  const checks = plan.checks.map(({ passed, text }) =>
    passed ? `  ${colour.green('ok')}  ${text}` : `  ${colour.red('NO')}  ${text}`,
  );
  return [colour.bold(`${kind}: ${way}`), ...checks].join('\n');
}
