import type { RequestBody, RolePlan, StatusDocument } from '@hamn/api';
import type { App, GlobalOptions } from '../app.ts';
import { complain } from '../connect/open-source.ts';
import type { Source } from '../connect/source.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { agreed } from '../io.ts';
import { paint } from '../text/colour.ts';
import { renderPlan } from './render-plan.ts';
import { waitForEnd } from './wait.ts';
import { withLimit } from './with-cluster.ts';

export interface ChangeOptions extends GlobalOptions {
  readonly kind: 'switchover' | 'failover';
  readonly dryRun: boolean;
  readonly allowDataLoss: boolean;
  readonly wait: boolean;
  readonly timeoutSeconds: number;
  readonly yes: boolean;
}

/** Looks, checks, shows, asks back, and only then asks hamn. What is checked here the primary checks again when it begins. */
export function changeRole(
  options: ChangeOptions,
  plan: (status: StatusDocument) => RolePlan,
  app: App,
): Promise<ExitCode> {
  const { io } = app;
  return withLimit(options, app, async ({ source, status, timeoutMs }) => {
    const planned = plan(status);
    io.out(`${renderPlan(options.kind, planned, paint(io.color))}\n`);
    if (!planned.possible) {
      io.err(`The ${options.kind} is not possible now; nothing was changed.\n`);
      return exitCodes.refused;
    }
    if (options.dryRun) {
      io.out('This was a dry run; nothing was changed.\n');
      return exitCodes.ok;
    }
    const loss = options.allowDataLoss ? ' Acknowledged writes may be lost for ever.' : '';
    const question = `Really make ${planned.to ?? 'another node'} the primary?${loss}`;
    if (!(await agreed(io, options.yes, question))) return exitCodes.refused;
    const body: RequestBody = {
      kind: options.kind,
      ...(planned.to === undefined ? {} : { to: planned.to }),
      ...(options.allowDataLoss ? { allowDataLoss: true } : {}),
      by: io.user,
      lifeMs: timeoutMs,
    };
    return send(source, body, { wait: options.wait, timeoutMs }, app);
  });
}

export interface SendOptions {
  readonly wait: boolean;
  readonly timeoutMs: number;
}

/** Asks, and follows the wish to its end where that was wanted. */
export async function send(
  source: Source,
  body: RequestBody,
  { wait, timeoutMs }: SendOptions,
  app: App,
): Promise<ExitCode> {
  const begun = app.io.monotonicMs();
  const request = await source.request(body);
  if (!request.ok) return complain(app, request.error);
  if (wait) return waitForEnd(source, request.value, { begunMs: begun, timeoutMs }, app);
  app.io.out(`The ${body.kind} is asked for. \`hamnctl status --watch\` shows how it goes.\n`);
  return exitCodes.ok;
}
