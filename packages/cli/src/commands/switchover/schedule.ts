import { planSwitchover } from '@hamn/api';
import type { App, GlobalOptions } from '../../app.ts';
import { complain, withSource } from '../../connect/open-source.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { renderPlan } from '../../request/render-plan.ts';
import { withCluster } from '../../request/with-cluster.ts';
import { paint } from '../../text/colour.ts';
import { formatDuration } from '../../text/quantities.ts';
import { readTime } from '../../text/time-of-day.ts';

export interface ScheduleOptions extends GlobalOptions {
  readonly at: string;
  readonly to: string | undefined;
  readonly dryRun: boolean;
}

/** Looks whether it could be done now, says when it will be, and leaves it with the group: hamnctl need not stay. */
export function scheduleSwitchover(options: ScheduleOptions, app: App): Promise<ExitCode> {
  const { io } = app;
  const now = io.wallMs();
  const time = readTime(options.at, now);
  if (!time.ok) {
    io.err(`--at: ${time.error.message}\n`);
    return Promise.resolve(exitCodes.usage);
  }
  return withCluster(options, app, async ({ source, status }) => {
    const plan = planSwitchover(status, options.to);
    io.out(`${renderPlan('switchover', plan, paint(io.color))}\n`);
    io.out(`  at  ${time.value.text}, in ${formatDuration(time.value.wallMs - now)}\n`);
    if (!plan.possible)
      io.err('It is not possible now. It is looked at again at its time, and dropped if it is not then.\n');
    if (options.dryRun) {
      io.out('This was a dry run; nothing was changed.\n');
      return plan.possible ? exitCodes.ok : exitCodes.refused;
    }
    const body = { atWallMs: time.value.wallMs, by: io.user };
    const made = await source.schedule(options.to === undefined ? body : { ...body, to: options.to });
    if (!made.ok) return complain(app, made.error);
    io.out(`${made.value.message}\n`);
    return exitCodes.ok;
  });
}

export const cancelScheduled = (options: GlobalOptions, app: App): Promise<ExitCode> =>
  withSource(options, app, async (source) => {
    const dropped = await source.cancelSchedule(app.io.user);
    if (!dropped.ok) return complain(app, dropped.error);
    app.io.out(`${dropped.value.message}\n`);
    return exitCodes.ok;
  });
