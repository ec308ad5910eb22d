import { planSwitchover, type RequestBody, type StatusDocument } from '@hamn/api';
import type { App, GlobalOptions } from '../../app.ts';
import type { Source } from '../../connect/source.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { agreed } from '../../io.ts';
import { send } from '../../request/change-role.ts';
import { withLimit } from '../../request/with-cluster.ts';
import { planRestart, type RestartPlan, type RestartStep } from './restart-plan.ts';

export interface RestartOptions extends GlobalOptions {
  readonly nodes: readonly string[];
  readonly all: boolean;
  readonly pendingOnly: boolean;
  readonly inPlace: boolean;
  readonly timeoutSeconds: number;
  readonly dryRun: boolean;
  readonly yes: boolean;
}

/**
 * Node by node from here: each step is one request that hamn itself finishes or refuses, and the next is asked for only when it ended well. Where hamnctl
 * dies, the step under way ends and no other begins; the same command then goes on with what is left.
 */
export function restartNodes(options: RestartOptions, app: App): Promise<ExitCode> {
  const { io } = app;
  return withLimit(options, app, async ({ source, status, timeoutMs }) => {
    const plan = planRestart(status, options);
    if (!plan.ok) {
      io.err(`${plan.error.message} Nothing was changed.\n`);
      return exitCodes.refused;
    }
    show(plan.value, app);
    if (plan.value.steps.length === 0 || options.dryRun) return exitCodes.ok;
    if (!(await agreed(io, options.yes, 'Really restart PostgreSQL so?'))) return exitCodes.refused;
    return carryOut(source, plan.value.steps, timeoutMs, app);
  });
}

function show({ steps, left }: RestartPlan, { io }: App): void {
  for (const text of left) io.out(`  --  ${text}\n`);
  steps.forEach((step, index) => {
    io.out(`  ${index + 1}.  ${step.text}\n`);
  });
  if (steps.length === 0) io.out('Nothing is to be restarted.\n');
}

async function carryOut(
  source: Source,
  steps: readonly RestartStep[],
  timeoutMs: number,
  app: App,
): Promise<ExitCode> {
  for (const [index, step] of steps.entries()) {
    const body = await bodyOf(source, step, timeoutMs, app);
    if (typeof body === 'number') return body;
    const code = await send(source, body, { wait: true, timeoutMs }, app);
    if (code === exitCodes.ok) continue;
    const done =
      index === 0 ? 'No node was restarted before it' : `${index} of ${steps.length} steps were done`;
    app.io.err(`Stopped at step ${index + 1}: ${step.text} ${done}; the other nodes are as they were.\n`);
    return code;
  }
  return exitCodes.ok;
}

/** The candidate of a switchover is chosen when its turn comes: by then every standby was restarted. */
async function bodyOf(
  source: Source,
  step: RestartStep,
  timeoutMs: number,
  app: App,
): Promise<RequestBody | ExitCode> {
  const by = app.io.user;
  if (step.kind === 'restart') return { kind: 'restart', to: step.node, by, lifeMs: timeoutMs };
  const ready = await untilPossible(source, timeoutMs, app);
  const to = ready === undefined ? undefined : planSwitchover(ready, undefined).to;
  if (to !== undefined) return { kind: 'switchover', to, by, lifeMs: timeoutMs };
  app.io.err(
    `No node can take over from ${step.node} now, so it was not restarted. hamnctl pg restart ${step.node} --in-place restarts it where it is.\n`,
  );
  return exitCodes.refused;
}

const lookEveryMs = 200;
/** A standby that was restarted a moment ago says so of itself with its next word. */
const patienceMs = 15_000;

async function untilPossible(
  source: Source,
  timeoutMs: number,
  { io }: App,
): Promise<StatusDocument | undefined> {
  const begun = io.monotonicMs();
  for (;;) {
    const status = await source.status();
    const now = status.ok ? { ...status.value, paused: undefined } : undefined;
    if (now !== undefined && planSwitchover(now, undefined).possible) return now;
    if (io.monotonicMs() - begun >= Math.min(timeoutMs, patienceMs)) return undefined;
    await io.sleep(lookEveryMs);
  }
}
